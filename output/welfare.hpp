/// What a policy is worth: receipts, profit, surplus and compute of a replica, and their weighting.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>
#include <vector>

#include "engine/kernel/record.hpp"

namespace tollgate {

/// Parts of welfare, each in USD over the whole run. Home is the reference region.
enum class WelfareTerm : unsigned char {
  kReceipts,
  kVendorProfit,
  kConsumerSurplus,
  kForeignVendorProfit,
  kForeignConsumerSurplus
};
inline constexpr std::size_t kWelfareTerms = 5;
inline constexpr std::array<std::string_view, kWelfareTerms> kWelfareTermNames = {
    "receipts", "vendor_profit", "consumer_surplus", "foreign_vendor_profit",
    "foreign_consumer_surplus"};

/// One replica's.
struct WelfareAccount {
  std::array<double, kWelfareTerms> usd{};
  double focus_h100e = 0;  ///< installed at sites of the focus region at the end of the run
};

/// Whose welfare it is, besides the layout's labels.
struct WelfareSubject {
  std::vector<bool> is_home_vendor;  ///< headquartered in the reference region
  std::vector<bool> is_home_buyer;   ///< the same
  std::size_t focus_region = 0;      ///< index
  std::size_t home_region = 0;       ///< index of the reference region
};

/// Reads the account out of a record.
class WelfareMeter {
 public:
  WelfareMeter(const RecordLayout& layout, WelfareSubject subject);
  [[nodiscard]] WelfareAccount read(const Record& record) const;

 private:
  WelfareSubject subject_;
  std::size_t quarters_, buyers_, vendors_;
  std::size_t rented_;  ///< index of compute that is rented abroad, not installed
  std::size_t origins_;
  SeriesId receipts_, tariffs_, subsidies_, vendor_profit_, fines_, consumer_surplus_, compute_;
};

/// A weighting of it, in USD.
struct WelfareWeights {
  std::array<double, kWelfareTerms> of_term{};
  double security_cost_usd = 0;  ///< per H100e of `focus_h100e`

  [[nodiscard]] double value(const WelfareAccount& account) const;
};

}  // namespace tollgate
