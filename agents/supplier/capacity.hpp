/// The path along which a supplier's capacity grows.
#pragma once

#include "agents/supplier/spec.hpp"
#include "engine/kernel/sim_time.hpp"

namespace tollgate {

/// Capacity per month at `now`, for a run that began at `start`: `capacity_per_month` then, through
/// the points of `capacity_path` that lie later, at a constant rate of growth between two of them
/// (in a straight line where one is zero), by `capacity_growth` a year after the last; all times
/// `capacity_scale`.
double capacity_at(const SupplierSpec& supplier, SimTime start, SimTime now);

/// Units made from `from` to `until` at that capacity, summed over slices of a day at most: a path
/// may jump within a month.
double made_between(const SupplierSpec& supplier, SimTime start, SimTime from, SimTime until);

}  // namespace tollgate
