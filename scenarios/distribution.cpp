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

}  // namespace

double draw(const Distribution& distribution, Stream& stream) {
  return std::visit(Draw{stream}, distribution);
}

double central(const Distribution& distribution) { return std::visit(Central{}, distribution); }

std::string_view name_of(const Distribution& distribution) {
  return std::visit(Name{}, distribution);
}

}  // namespace tollgate
