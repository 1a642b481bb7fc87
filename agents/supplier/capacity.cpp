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

}  // namespace tollgate
