/// The roadmap: research paid out of sales, and the chips that it brings.
///
/// A vendor's research stock follows dR/dt = share x net proceeds + subsidy - depreciation x R.
/// Development goes at the speed (R / R_ref)^elasticity, R_ref being the stock of the reference
/// path for which the launch dates of the scenario hold: a chip that stands T years ahead there is
/// ready when the integral of the speed since the start reaches T, and is launched then or when its
/// process node is there. Elasticity 0 gives the scenario's dates.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "agents/context.hpp"
#include "agents/vendor/product.hpp"

namespace tollgate {

class Roadmap {
 public:
  struct Series {
    Series(RecordLayout& layout, const OutputAxes& axes);
    SeriesId research_stock, launched;
  };

  Roadmap(const Context& context, const Series& series);

  /// Begins the months of research.
  void start(Context& context);

  /// Counts what a vendor keeps of a sale.
  void earn(VendorId vendor, Cents net_proceeds);

  /// Ends a month of research (kResearchFunded) and sets the dates of chips that will be ready in
  /// the next one.
  void advance(Context& context);

  /// A successor comes on sale (kChipLaunched): it takes over a share of the forecast of the chip
  /// that it succeeds, as much compute for more or fewer chips.
  static void launch(const Context& context, ChipId chip, Products& products);

  void close_quarter(Context& context) const;

 private:
  /// One vendor's research.
  struct Research {
    double stock_usd = 0;
    double progress_minutes = 0;  ///< developed since the start, in minutes of the reference path
    double speed = 1;             ///< of this month
    Cents earned{0};              ///< this month
  };
  /// A chip under development.
  struct Project {
    ChipId chip;
    double work_minutes = 0;  ///< from the start to its launch on the reference path
  };

  void date_launches(Context& context);

  Series series_;
  std::vector<Research> research_;  ///< by vendor
  std::vector<Project> projects_;
};

}  // namespace tollgate
