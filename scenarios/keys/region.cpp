#include "scenarios/keys/keys.hpp"
#include "scenarios/keys/table_builder.hpp"

namespace tollgate {

TableSpec region_keys() {
  using R = RegionSpec;
  TableBuilder<R> t("region", "A jurisdiction: where buyers, sites and headquarters are.");
  t.text("name", &R::name, "Full name.");
  t.number("shipping_days", &R::shipping_days, "days", kDays,
           "From a vendor's stock to a site here, testing not included.");
  return std::move(t).build();
}

}  // namespace tollgate
