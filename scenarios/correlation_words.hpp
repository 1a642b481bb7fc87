/// Sentences that the JSON Schema and the reference page share.
#pragma once

namespace tollgate {

inline constexpr const char* kCorrelationSentence =
    "Uncertain numbers that are drawn together, by a Gaussian copula.";
inline constexpr const char* kParametersSentence = "Their keys, each with a distribution.";
inline constexpr const char* kMatrixSentence =
    "Correlations of the normals that they are drawn from, row by row: of the numbers themselves "
    "if normal, of their logarithms if lognormal.";

}  // namespace tollgate
