#include "output/welfare.hpp"

#include <algorithm>
#include <utility>

namespace tollgate {
namespace {

constexpr double kCentsPerUsd = 100;

std::size_t extent(const RecordLayout& layout, const char* axis) {
  return layout.axes()[layout.axis(axis)].labels.size();
}

}  // namespace

WelfareMeter::WelfareMeter(const RecordLayout& layout, WelfareSubject subject)
    : subject_(std::move(subject)),
      quarters_(layout.quarters()),
      buyers_(extent(layout, "buyer")),
      vendors_(extent(layout, "vendor")),
      origins_(extent(layout, "origin")),
      receipts_(layout.find("levy_receipts")),
      tariffs_(layout.find("tariff_receipts")),
      subsidies_(layout.find("subsidy_paid")),
      vendor_profit_(layout.find("vendor_profit")),
      fines_(layout.find("antitrust_fines")),
      consumer_surplus_(layout.find("consumer_surplus")),
      compute_(layout.find("compute_h100e")) {
  const std::vector<std::string>& origins = layout.axes()[layout.axis("origin")].labels;
  rented_ = static_cast<std::size_t>(std::ranges::find(origins, "rented_abroad") - origins.begin());
}

WelfareAccount WelfareMeter::read(const Record& record) const {
  WelfareAccount account;
  const auto term = [&account](WelfareTerm which) -> double& {
    return account.usd[static_cast<std::size_t>(which)];
  };
  const auto usd = [&record](SeriesId series, std::size_t q, std::size_t i) {
    return static_cast<double>(record.integer(series, q, i)) / kCentsPerUsd;
  };
  for (std::size_t q = 0; q < quarters_; ++q) {
    term(WelfareTerm::kReceipts) +=
        usd(tariffs_, q, subject_.home_region) - usd(subsidies_, q, subject_.home_region);
    for (std::size_t v = 0; v < vendors_; ++v) {
      term(WelfareTerm::kReceipts) += usd(receipts_, q, v);
      term(subject_.is_home_vendor[v] ? WelfareTerm::kVendorProfit
                                      : WelfareTerm::kForeignVendorProfit) +=
          usd(vendor_profit_, q, v) - usd(fines_, q, v);
    }
    for (std::size_t b = 0; b < buyers_; ++b) {
      term(subject_.is_home_buyer[b] ? WelfareTerm::kConsumerSurplus
                                     : WelfareTerm::kForeignConsumerSurplus) +=
          record.real(consumer_surplus_, q, b);
    }
  }
  for (std::size_t o = 0; o < origins_; ++o) {
    if (o == rented_) continue;
    account.focus_h100e += record.real(compute_, quarters_ - 1, subject_.focus_region, o);
  }
  return account;
}

double WelfareWeights::value(const WelfareAccount& account) const {
  double sum = -security_cost_usd * account.focus_h100e;
  for (std::size_t t = 0; t < kWelfareTerms; ++t) {
    // A part that has no number (see consumer_surplus) does not matter where it has no weight.
    if (of_term[t] != 0) sum += of_term[t] * account.usd[t];
  }
  return sum;
}

}  // namespace tollgate
