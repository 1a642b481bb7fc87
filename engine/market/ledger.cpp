#include "engine/market/ledger.hpp"

#include "engine/kernel/check.hpp"

namespace tollgate {

AccountId Ledger::open_account() {
  balances_.push_back(Cents{0});
  return {static_cast<std::uint32_t>(balances_.size() - 1)};
}

void Ledger::transfer(AccountId from, AccountId to, Cents amount) {
  TOLLGATE_CHECK(amount >= Cents{0}, "a transfer of a negative amount");
  balances_[from.value] = balances_[from.value] - amount;
  balances_[to.value] = balances_[to.value] + amount;
}

void Ledger::check() const {
  Cents sum{0};
  for (const Cents balance : balances_) sum = sum + balance;
  TOLLGATE_CHECK(sum == Cents{0}, "the accounts of the ledger do not sum to zero");
}

}  // namespace tollgate
