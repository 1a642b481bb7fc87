/// Search from a start by function values alone (NLopt; only this folder's local_search.cpp sees
/// it).
#pragma once

#include <functional>

#include "engine/search/box.hpp"

namespace tollgate {

struct LocalSearchOptions {
  double tolerance = 1e-3;  ///< share of the box's width below which steps end the search
  int max_evaluations = 100;
};

/// Moves from `start` to where `value` is higher, with first steps of `step` (by axis): by
/// quadratic interpolation (BOBYQA, Powell 2009), or on a line, where that is not defined, by
/// linear interpolation (COBYLA, Powell 1994). Both follow local ups and downs of a rough function;
/// the result is a centre to look around, no more.
///
/// Exceptions that `value` throws end the search and are passed on.
void search_locally(const Box& box, const Point& start, const Point& step,
                    const std::function<double(const Point&)>& value,
                    const LocalSearchOptions& options);

}  // namespace tollgate
