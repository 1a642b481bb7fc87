#include "agents/supplier/capacity.hpp"

#include <cmath>

namespace tollgate {

double capacity_at(const SupplierSpec& supplier, SimTime start, SimTime now) {
  SimTime since = start;
  double from = supplier.capacity_per_month;
  for (const CapacityPoint& point : supplier.capacity_path) {
    if (point.date <= start) continue;
    if (now < point.date) {
      const double share = in_days(now - since) / in_days(point.date - since);
      const double between = from > 0 && point.per_month > 0
                                 ? from * std::pow(point.per_month / from, share)
                                 : from + (point.per_month - from) * share;
      return supplier.capacity_scale * between;
    }
    since = point.date;
    from = point.per_month;
  }
  return supplier.capacity_scale * from * std::pow(supplier.capacity_growth, in_years(now - since));
}

double made_between(const SupplierSpec& supplier, SimTime start, SimTime from, SimTime until) {
  const double days = in_days(until - from);
  const int slices = static_cast<int>(std::ceil(days));
  if (slices == 0) return 0;
  double sum = 0;
  for (int i = 0; i < slices; ++i) {
    const double middle = days * (i + 0.5) / slices;
    sum += capacity_at(supplier, start, from + days_rounded(middle));
  }
  return sum / slices * days / (kDaysPerYear / 12);
}

}  // namespace tollgate
