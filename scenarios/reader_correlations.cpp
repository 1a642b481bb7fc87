// Correlations in a scenario: which uncertain numbers are drawn together, and how closely.
#include <fmt/format.h>

#include <Eigen/Cholesky>
#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <utility>

#include "scenarios/reader.hpp"

namespace tollgate {
namespace {

/// Up to this smallest eigenvalue a matrix is taken for singular.
constexpr double kLeastEigenvalue = 1e-10;

using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

Eigen::Map<const Matrix> as_matrix(const std::vector<double>& numbers, std::size_t size) {
  const auto n = static_cast<Eigen::Index>(size);
  return {numbers.data(), n, n};
}

double smallest_eigenvalue(const std::vector<double>& matrix, std::size_t size) {
  const Eigen::SelfAdjointEigenSolver<Matrix> solver(as_matrix(matrix, size),
                                                     Eigen::EigenvaluesOnly);
  return solver.eigenvalues().minCoeff();
}

/// Of the rows and columns that are kept, row by row.
std::vector<double> cholesky_factor(const std::vector<double>& matrix,
                                    const std::vector<std::size_t>& kept, std::size_t size) {
  const Matrix part = as_matrix(matrix, size)(kept, kept);
  const Matrix factor = part.llt().matrixL();
  return {factor.data(), factor.data() + factor.size()};
}

}  // namespace

void Reader::read_correlations(const Node& root) {
  const auto found = root.table()->find("correlation");
  if (found == root.table()->end()) return;
  if (found->second.table() == nullptr) {
    return errors_.wrong_type("correlation", found->second, "tables [correlation.<id>]");
  }
  std::vector<std::string> owners(scenario_.uncertain.size());
  for (const auto& [id, node] : *found->second.table()) {
    const std::string path = joined("correlation", id);
    const Table* table = node.table();
    if (table == nullptr) {
      errors_.wrong_type(path, node, "a table");
      continue;
    }
    std::vector<std::string> allowed = {"parameters", "matrix"};
    allowed.insert(allowed.end(), std::begin(kCircumstances), std::end(kCircumstances));
    errors_.unknown_keys(path, *table, allowed);
    for (const auto& [name, child] : *table) {
      if (is_circumstance(name) && child.text() == nullptr) {
        errors_.wrong_type(joined(path, name), child, "a text");
      }
    }
    bool is_whole = true;
    for (const char* name : {"parameters", "matrix"}) {
      if (table->contains(name)) continue;
      is_whole = false;
      errors_.add(node.key,
                  fmt::format("key '{}.{}' is missing: a correlation needs 'parameters' and "
                              "'matrix'",
                              path, name));
    }
    if (is_whole) read_correlation(root, id, *table, owners);
  }
}

void Reader::read_correlation(const Node& root, const std::string& id, const Table& table,
                              std::vector<std::string>& owners) {
  const std::size_t errors_before = errors_.size();
  const std::string path = joined("correlation", id);
  const Node& names = table.at("parameters");
  if (names.array() == nullptr || names.array()->size() < 2) {
    return errors_.wrong_type(joined(path, "parameters"), names, "an array of two or more keys");
  }
  Correlation correlation;
  correlation.id = id;
  std::vector<std::size_t> kept;  // what the command line makes certain leaves the block
  for (std::size_t k = 0; k < names.array()->size(); ++k) {
    const Node& name = (*names.array())[k];
    const auto parameter = read_member(root, name, joined(path, "parameters"));
    if (!parameter) continue;
    if (!owners[*parameter].empty()) {
      errors_.add(name.place, fmt::format("key '{}.parameters' names {}, which is in '{}' already",
                                          path, name.as_toml(), owners[*parameter]));
      continue;
    }
    owners[*parameter] = path;
    correlation.parameters.push_back(*parameter);
    kept.push_back(k);
  }
  const std::vector<double> matrix =
      read_matrix(table.at("matrix"), names.array()->size(), joined(path, "matrix"));
  if (matrix.empty() || errors_.size() > errors_before || kept.size() < 2) return;
  correlation.factor = cholesky_factor(matrix, kept, names.array()->size());
  scenario_.correlations.push_back(std::move(correlation));
}

std::optional<std::size_t> Reader::read_member(const Node& root, const Node& name,
                                               const std::string& path) {
  if (name.text() == nullptr) {
    errors_.wrong_type(path, name, "the key of an uncertain number");
    return std::nullopt;
  }
  const auto found = std::ranges::find(scenario_.uncertain, *name.text(), &UncertainParameter::key);
  if (found == scenario_.uncertain.end()) {
    const Node* plain = find_node(root, *name.text());
    if (plain != nullptr && plain->place.is_override) return std::nullopt;  // fixed for this run
    std::vector<std::string> keys;
    for (const UncertainParameter& parameter : scenario_.uncertain) keys.push_back(parameter.key);
    errors_.add(
        name.place,
        plain != nullptr
            ? fmt::format("key '{}' names {}, which is no distribution ({}:{}); allowed are "
                          "uncertain numbers",
                          path, name.as_toml(), plain->place.file, plain->place.line)
            : fmt::format("key '{}' names {}; there is no uncertain number of that key{}", path,
                          name.as_toml(), suggestion(*name.text(), keys)));
    return std::nullopt;
  }
  if (name_of(found->distribution) == "posterior") {
    errors_.add(name.place,
                fmt::format("key '{}' names {}, which is drawn from a posterior file; its rows "
                            "hold its correlations",
                            path, name.as_toml()));
    return std::nullopt;
  }
  return static_cast<std::size_t>(found - scenario_.uncertain.begin());
}

// Row by row; empty after an error.
std::vector<double> Reader::read_matrix(const Node& node, std::size_t size,
                                        const std::string& path) {
  const std::size_t errors_before = errors_.size();
  const std::string rows =
      fmt::format("{} rows of {} numbers, one for each of 'parameters'", size, size);
  if (node.array() == nullptr || node.array()->size() != size) {
    errors_.wrong_type(path, node, rows);
    return {};
  }
  std::vector<double> matrix;
  for (std::size_t i = 0; i < size; ++i) {
    const Node& row = (*node.array())[i];
    if (row.array() == nullptr || row.array()->size() != size) {
      errors_.wrong_type(path, row, rows);
      continue;
    }
    for (std::size_t j = 0; j < size; ++j) {
      const Node& cell = (*row.array())[j];
      const auto x = read_bare(cell, path);
      if (!x) continue;
      matrix.push_back(*x);
      if (i == j ? *x == 1 : std::abs(*x) < 1) continue;
      errors_.add(
          cell.place,
          fmt::format("key '{}' has {} in row {}, column {}; allowed is {}", path, cell.as_toml(),
                      i + 1, j + 1, i == j ? "1 on the diagonal" : "a number above -1, below 1"));
    }
  }
  if (errors_.size() > errors_before || !check_symmetry(node, matrix, size, path)) return {};
  const double least = smallest_eigenvalue(matrix, size);
  if (least > kLeastEigenvalue) return matrix;
  errors_.add(node.place,
              fmt::format("key '{}' is not positive definite: its smallest eigenvalue is "
                          "{:.4g}; no random numbers have these correlations",
                          path, least));
  return {};
}

bool Reader::check_symmetry(const Node& node, const std::vector<double>& matrix, std::size_t size,
                            const std::string& path) {
  for (std::size_t i = 0; i < size; ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      const double below = matrix[i * size + j];
      const double above = matrix[j * size + i];
      if (below == above) continue;
      errors_.add(
          (*(*node.array())[i].array())[j].place,
          fmt::format("key '{}' is not symmetric: row {}, column {} is {}, but row {}, column {} "
                      "is {}",
                      path, i + 1, j + 1, below, j + 1, i + 1, above));
      return false;
    }
  }
  return true;
}

}  // namespace tollgate
