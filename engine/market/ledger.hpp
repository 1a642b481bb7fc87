/// Money between agents, in whole cents, by double entry.
///
/// Every transfer leaves one account and enters another, so the sum over all accounts is zero at
/// all times; `check` proves it. Accounts may go below zero: the world outside the model lends.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/kernel/money.hpp"

namespace tollgate {

/// Index of an account in the ledger.
struct AccountId {
  std::uint32_t value = 0;
  auto operator<=>(const AccountId&) const = default;
};

class Ledger {
 public:
  AccountId open_account();

  /// Moves `amount` (not negative, checked) from one account to another.
  void transfer(AccountId from, AccountId to, Cents amount);

  [[nodiscard]] Cents balance(AccountId id) const { return balances_[id.value]; }

  /// Throws InvariantError when the accounts do not sum to zero.
  void check() const;

 private:
  std::vector<Cents> balances_;
};

}  // namespace tollgate
