#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "agents/buyer/spec.hpp"
#include "scenarios/keys/keys.hpp"
#include "scenarios/keys/table_builder.hpp"
#include "scenarios/reader.hpp"

namespace tollgate {
namespace {

using P = InstrumentSpec;

constexpr auto kAll = std::make_index_sequence<kInstrumentKinds>{};

/// Names of the kinds of a scope.
template <std::size_t... Kind>
std::vector<std::string> kinds_of(std::initializer_list<Scope> scopes,
                                  std::index_sequence<Kind...> /*all*/) {
  std::vector<std::string> names;
  const auto add = [&](Scope scope, std::string_view name) {
    if (std::ranges::find(scopes, scope) != scopes.end()) names.emplace_back(name);
  };
  (add(EffectOf<Kind>::kScope, EffectOf<Kind>::kName), ...);
  return names;
}
std::vector<std::string> kinds_of(std::initializer_list<Scope> scopes) {
  return kinds_of(scopes, std::make_index_sequence<kInstrumentKinds>{});
}

template <class Kind>
constexpr bool spares_earlier() {
  if constexpr (requires { Kind::kSparesEarlier; }) return Kind::kSparesEarlier;
  return false;
}

template <std::size_t... Kind>
std::vector<std::string> kinds_that_spare(std::index_sequence<Kind...> /*all*/) {
  std::vector<std::string> names;
  const auto add = [&](bool spares, std::string_view name) {
    if (spares) names.emplace_back(name);
  };
  (add(spares_earlier<EffectOf<Kind>>(), EffectOf<Kind>::kName), ...);
  return names;
}

/// The keys of a kind, as its header describes them.
template <class Kind>
Form form_of() {
  TableBuilder<Kind> keys(std::string{Kind::kName}, std::string{Kind::kSentence});
  Kind::describe(keys);
  return {std::move(keys).build(),
          [](void* o) -> void* { return &static_cast<P*>(o)->as<Kind>(); }};
}

template <std::size_t... Kind>
std::vector<Form> forms(std::index_sequence<Kind...> /*all*/) {
  return {form_of<EffectOf<Kind>>()...};
}

template <std::size_t... Kind>
void make_effect(P& rule, std::size_t kind, std::index_sequence<Kind...> /*all*/) {
  const auto make = [&]<std::size_t K>() {
    if (kind == K) rule.effect.emplace<K>();
  };
  (make.template operator()<Kind>(), ...);
}

/// A member of what an instrument is made of, as one of its own.
template <class Base, class T>
T P::*of_rule(T Base::*member) {
  return static_cast<T P::*>(member);
}

template <class S, class Member>
std::vector<typename TableBuilder<S>::Key> add_bounds(TableBuilder<S>& t, Member member) {
  return {t.bounds("tpp", member(&ChipBounds::tpp), "bits x TOPS",
                   "Bounds on total processing performance."),
          t.bounds("performance_density", member(&ChipBounds::performance_density), "TPP/mm2",
                   "Bounds on performance density."),
          t.bounds("dram_bandwidth_gbs", member(&ChipBounds::dram_bandwidth_gbs), "GB/s",
                   "Bounds on memory bandwidth."),
          t.bounds("io_bandwidth_gbs", member(&ChipBounds::io_bandwidth_gbs), "GB/s",
                   "Bounds on chip-to-chip bandwidth."),
          t.bounds("bandwidth_sum_gbs", member(&ChipBounds::bandwidth_sum_gbs), "GB/s",
                   "Bounds on the sum of the two.")};
}

TableSpec window_keys() {
  TableBuilder<ChipBounds> t("windows",
                             "Sets of bounds: a chip is caught that is within one of them.");
  add_bounds(t, [](auto member) { return member; });
  return std::move(t).build();
}

template <class Kind>
constexpr bool may_be_announced() {
  if constexpr (requires { Kind::kMayBeAnnounced; }) return Kind::kMayBeAnnounced;
  return true;
}

template <class Kind>
constexpr bool needs_bounds() {
  if constexpr (requires { Kind::kNeedsBounds; }) return Kind::kNeedsBounds;
  return false;
}

void check_dates(Reader& reader, const P& rule, const Node& node, const std::string& path) {
  const Table& table = *node.table();
  if (!table.contains("effective") && (table.contains("announced") || !table.contains("regimes"))) {
    reader.complain(node, "",
                    fmt::format("key '{}.effective' is missing: only a policy that is bound to "
                                "'regimes' and not announced does without it",
                                path));
  }
  if (reader.are_sound(node, {"announced", "effective"}) && *rule.announced > rule.effective) {
    reader.complain(node, "announced",
                    fmt::format("key '{}.announced' ({}) is after 'effective' ({})", path,
                                iso_date(*rule.announced), iso_date(rule.effective)));
  }
  if (reader.are_sound(node, {"effective", "until"}) && *rule.until <= rule.effective) {
    reader.complain(node, "until",
                    fmt::format("key '{}.until' ({}) is not after 'effective' ({})", path,
                                iso_date(*rule.until), iso_date(rule.effective)));
  }
}

void check_withdrawal(Reader& reader, const P& rule, const Node& node, const std::string& path) {
  if (reader.are_sound(node, {"announced", "withdrawn"}) && *rule.withdrawn <= *rule.announced) {
    reader.complain(node, "withdrawn",
                    fmt::format("key '{}.withdrawn' ({}) is not after 'announced' ({})", path,
                                iso_date(*rule.withdrawn), iso_date(*rule.announced)));
  }
  if (rule.withdrawn && !rule.announced && *rule.withdrawn <= rule.effective) {
    reader.complain(node, "withdrawn",
                    fmt::format("key '{}.withdrawn' ({}) is not after 'effective' ({}), and the "
                                "rule is not announced before",
                                path, iso_date(*rule.withdrawn), iso_date(rule.effective)));
  }
}

void check_policy(Reader& reader, const P& rule, const Node& node, const std::string& path) {
  check_dates(reader, rule, node, path);
  check_withdrawal(reader, rule, node, path);
  if (!reader.are_sound(node, {"instrument"})) return;
  const bool has_notice = std::visit(
      []<class Kind>(const Kind& /*kind*/) { return may_be_announced<Kind>(); }, rule.effect);
  if (rule.announced && (!has_notice || !rule.is_published)) {
    reader.complain(
        node, "announced",
        fmt::format("key '{}.announced' contradicts {}, which gives no notice", path,
                    has_notice ? "'published = false'" : with_article(rule.kind_name())));
  }
  const bool must_bound = std::visit(
      []<class Kind>(const Kind& /*kind*/) { return needs_bounds<Kind>(); }, rule.effect);
  if (must_bound && !rule.has_bounds()) {
    reader.complain(node, "instrument",
                    fmt::format("policy '{}' is {} without bounds; it needs 'tpp', "
                                "'performance_density', 'dram_bandwidth_gbs', 'io_bandwidth_gbs', "
                                "'bandwidth_sum_gbs' or 'windows'",
                                path, with_article(rule.kind_name())));
  }
  if (must_bound && !rule.chips.empty()) {
    reader.complain(node, "chips",
                    fmt::format("key '{}.chips' does nothing in {}, which looks at performance "
                                "only; a 'licence' can name chips",
                                path, with_article(rule.kind_name())));
  }
  if (rule.required_review() && rule.grandfathers == Grandfathering::kNothing) {
    reader.complain(node, "grandfathers",
                    fmt::format("key '{}.grandfathers' is 'nothing', but {} turns no goods back; "
                                "allowed is 'shipped' or 'ordered'",
                                path, with_article(rule.kind_name())));
  }
  if (std::ranges::find(rule.supersedes, rule.id) != rule.supersedes.end()) {
    reader.complain(node, "supersedes",
                    fmt::format("key '{}.supersedes' names the rule itself", path));
  }
}

}  // namespace

TableSpec policy_keys() {
  TableBuilder<P> t(
      "policy",
      "An instrument of policy: dates, targets, bounds on chips, and what it does. It "
      "touches a sale when it is in force, every target list that is given contains "
      "the seller, chip or customer, and every bound holds.");
  t.form(
      "instrument", kInstrumentKindNames,
      [](P& rule, std::size_t kind) { make_effect(rule, kind, kAll); }, "Kind of instrument.");
  t.boolean("enabled", &P::enabled, "false switches the instrument off.");
  t.date("announced", &P::announced,
         "First day on which it is known; without it, it comes without notice.");
  t.date("effective", &P::effective,
         "First day in force; may be left out when there are `regimes`.");
  t.date("until", &P::until, "First day on which it no longer holds.");
  t.date("withdrawn", &P::withdrawn,
         "Day on which it is taken back; before 'effective', it is announced and never holds.");
  t.references("regimes", &P::regimes, EntityKind::kRegime,
               "In force only while every government named is in one of these of its regimes; "
               "always if empty.");
  t.boolean("published", &P::is_published,
            "false: a letter, without notice, which only the vendors hear that it touches.");

  const std::vector<std::string> on_sales = kinds_of({Scope::kSales});
  const std::vector<std::string> on_vendors =
      kinds_of({Scope::kSales, Scope::kSupply, Scope::kVendor});
  t.choice(
       "grandfathers", &P::grandfathers, kGrandfatheringNames,
       "What it leaves alone: goods that are shipped; also orders placed before it is in force; "
       "or nothing, so that goods on their way are turned back.")
      .used_by(kinds_that_spare(kAll));
  t.rules("supersedes", &P::supersedes, "Rules whose place it takes for what it touches.")
      .used_by(on_sales);
  t.references("vendors", of_rule(&Targets::vendors), "Vendors touched; all if empty.")
      .used_by(on_vendors);
  t.references("vendor_headquarters", of_rule(&Targets::vendor_headquarters),
               "Headquarters of vendors touched; all if empty.")
      .used_by(on_vendors);
  t.references("chips", of_rule(&Targets::chips), "Chips touched; all if empty.").used_by(on_sales);
  t.references("destinations", of_rule(&Targets::destinations),
               "Sites of customers touched; all if empty.")
      .used_by(on_sales);
  t.references("headquarters", of_rule(&Targets::headquarters),
               "Headquarters of customers touched; all if empty.")
      .used_by(kinds_of({Scope::kSales, Scope::kRental}));
  t.references("buyers", of_rule(&Targets::buyers), "Buyers touched; all if empty.")
      .used_by(on_sales);
  t.texts("customer_classes", of_rule(&Targets::customer_classes), kCustomerClassNames,
          "Classes of customers touched; all if empty.")
      .used_by(on_sales);
  for (auto& key : add_bounds(t, [](auto member) { return of_rule(member); })) {
    key.used_by(on_sales);
  }
  t.named_tables("windows", of_rule(&Targets::windows), &ChipWindow::bounds, window_keys(),
                 "Sets of bounds, each with a name: a chip is caught that is within one of them.")
      .used_by(on_sales);
  t.keeps_source(&P::source);
  t.form_keys(forms(kAll));
  t.check(check_policy);
  return std::move(t).build();
}

}  // namespace tollgate
