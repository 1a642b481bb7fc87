/// What a kind of instrument is.
///
/// A kind is one header of this folder and one line in engine/policy/instruments.hpp. Its struct
/// has a name, a sentence, a scope, its parameters, and a template `describe` that tells a key
/// table of them (scenarios/keys/policy.cpp reads any kind by it). What it does, it does by those
/// of these functions that it has:
///
///   apply(meeting, conditions)       what it adds to the conditions of a sale that it touches
///   singles_out(customer)            whether it touches a sale to that customer, targets aside
///   required_review()                how the licence that it asks for is judged
///   ceiling()                        a ceiling on units over a window (engine/policy/caps)
///   cuts(targets, supplier, vendor, headquarters)   whether the supplier may not serve the vendor
///   supply_factor(supplier)          on the supplier's capacity
///   detection_factor()               on detection along grey routes
///
/// and by these constants: kSparesEarlier = true (it heeds the grandfathering of orders and goods:
/// bars, licences and charges do; what happens to each shipment on its way does not),
/// kMayBeAnnounced = false (it comes without notice), kNeedsBounds = true (it must look at the
/// chip's performance and may not name chips), kIsImportGate = true (by it the buyer's government
/// decides what comes in).
#pragma once

#include <string_view>

namespace tollgate {

/// What an instrument is about; decides which targets its block may name.
enum class Scope : unsigned char {
  kSales,   ///< a chip and a customer: all targets and bounds
  kSupply,  ///< a supplier and a vendor
  kRental,  ///< a tenant
  kRoutes,  ///< grey routes
  kVendor,  ///< a vendor
  kRules    ///< other rules
};

}  // namespace tollgate
