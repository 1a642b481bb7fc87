#include "engine/search/local_search.hpp"

#include <nlopt.h>

#include <exception>
#include <memory>
#include <type_traits>

#include "engine/kernel/check.hpp"

namespace tollgate {
namespace {

using Optimiser = std::unique_ptr<std::remove_pointer_t<nlopt_opt>, decltype(&nlopt_destroy)>;

/// What the C callback needs: NLopt knows nothing of exceptions.
struct Call {
  const std::function<double(const Point&)>* value;
  nlopt_opt optimiser;
  std::exception_ptr error;
};

double evaluate(unsigned axes, const double* x, double* /*gradient*/, void* data) {
  Call& call = *static_cast<Call*>(data);
  try {
    return (*call.value)(Point(x, x + axes));
  } catch (...) {
    call.error = std::current_exception();
    nlopt_force_stop(call.optimiser);
    return 0;
  }
}

}  // namespace

void search_locally(const Box& box, const Point& start, const Point& step,
                    const std::function<double(const Point&)>& value,
                    const LocalSearchOptions& options) {
  const Optimiser optimiser(nlopt_create(box.axes() == 1 ? NLOPT_LN_COBYLA : NLOPT_LN_BOBYQA,
                                         static_cast<unsigned>(box.axes())),
                            &nlopt_destroy);
  TOLLGATE_CHECK(optimiser != nullptr, "NLopt has no memory");
  Call call{&value, optimiser.get(), nullptr};
  Point tolerance;
  for (std::size_t i = 0; i < box.axes(); ++i) {
    tolerance.push_back(options.tolerance * box.width(i));
  }
  nlopt_set_max_objective(optimiser.get(), evaluate, &call);
  nlopt_set_lower_bounds(optimiser.get(), box.low.data());
  nlopt_set_upper_bounds(optimiser.get(), box.high.data());
  nlopt_set_initial_step(optimiser.get(), step.data());
  nlopt_set_xtol_abs(optimiser.get(), tolerance.data());
  nlopt_set_maxeval(optimiser.get(), options.max_evaluations);
  Point x = start;
  double highest = 0;
  const nlopt_result result = nlopt_optimize(optimiser.get(), x.data(), &highest);
  if (call.error) std::rethrow_exception(call.error);
  TOLLGATE_CHECK(result > 0 || result == NLOPT_ROUNDOFF_LIMITED,
                 std::string("NLopt: ") + nlopt_result_to_string(result));
}

}  // namespace tollgate
