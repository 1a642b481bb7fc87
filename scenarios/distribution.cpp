#include "scenarios/distribution.hpp"

#include <boost/random/triangle_distribution.hpp>
#include <cmath>

#include "engine/kernel/draws.hpp"

namespace tollgate {
namespace {

struct Draw {
  Stream& stream;
  double operator()(const Uniform& d) const {
    return d.low + (d.high - d.low) * draw_uniform(stream);
  }
  double operator()(const Triangular& d) const {
    if (d.low == d.high) return d.low;
    return boost::random::triangle_distribution<double>{d.low, d.mode, d.high}(stream);
  }
  double operator()(const Normal& d) const { return d.mean + d.sd * draw_normal(stream); }
  double operator()(const Lognormal& d) const {
    return d.median * std::exp(d.sigma * draw_normal(stream));
  }
};

struct Central {
  double operator()(const Uniform& d) const { return 0.5 * (d.low + d.high); }
  double operator()(const Triangular& d) const { return d.mode; }
  double operator()(const Normal& d) const { return d.mean; }
  double operator()(const Lognormal& d) const { return d.median; }
};

struct Name {
  std::string_view operator()(const Uniform&) const { return "uniform"; }
  std::string_view operator()(const Triangular&) const { return "triangular"; }
  std::string_view operator()(const Normal&) const { return "normal"; }
  std::string_view operator()(const Lognormal&) const { return "lognormal"; }
};

/// Boundaries that keep the draw defined; the key's own range is the reader's business.
std::string fault_of(const Uniform& d) { return d.low <= d.high ? "" : "'low' is above 'high'"; }
std::string fault_of(const Triangular& d) {
  if (!(d.low <= d.high)) return "'low' is above 'high'";
  return d.low <= d.mode && d.mode <= d.high ? "" : "'mode' is not between 'low' and 'high'";
}
std::string fault_of(const Normal& d) { return d.sd >= 0 ? "" : "'sd' is negative"; }
std::string fault_of(const Lognormal& d) {
  if (!(d.median > 0)) return "'median' is not above 0";
  return d.sigma >= 0 ? "" : "'sigma' is negative";
}

Distribution of_parameters(std::string_view name, std::span<const double> p) {
  if (name == "uniform") return Uniform{p[0], p[1]};
  if (name == "triangular") return Triangular{p[0], p[1], p[2]};
  if (name == "normal") return Normal{p[0], p[1]};
  return Lognormal{p[0], p[1]};
}

}  // namespace

double draw(const Distribution& distribution, Stream& stream) {
  return std::visit(Draw{stream}, distribution);
}

double central(const Distribution& distribution) { return std::visit(Central{}, distribution); }

std::string_view name_of(const Distribution& distribution) {
  return std::visit(Name{}, distribution);
}

std::span<const DistributionForm> distribution_forms() {
  static const std::vector<DistributionForm> forms = {{"uniform", {"low", "high"}},
                                                      {"triangular", {"low", "mode", "high"}},
                                                      {"normal", {"mean", "sd"}},
                                                      {"lognormal", {"median", "sigma"}}};
  return forms;
}

std::variant<Distribution, std::string> make_distribution(const DistributionForm& form,
                                                          std::span<const double> parameters) {
  const Distribution made = of_parameters(form.name, parameters);
  std::string fault = std::visit([](const auto& d) { return fault_of(d); }, made);
  if (!fault.empty()) return fault;
  return made;
}

}  // namespace tollgate
