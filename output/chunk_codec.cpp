#include "output/chunk_codec.hpp"

#include <libdeflate.h>

#include <algorithm>
#include <array>
#include <new>

namespace tollgate {
namespace {

constexpr std::size_t kChecksumBytes = 4;

/// HDF5's own reading of Fletcher's checksum: big-endian words, folded every 360 of them.
std::uint32_t fletcher32(std::span<const std::byte> bytes) {
  constexpr std::size_t kBlockWords = 360;  // both sums still fit 32 bits after so many
  const auto fold = [](std::uint32_t sum) { return (sum & 0xffffU) + (sum >> 16U); };
  std::uint32_t low = 0;
  std::uint32_t high = 0;
  std::size_t i = 0;
  const std::size_t even = bytes.size() & ~std::size_t{1};
  while (i < even) {
    const std::size_t end = std::min(even, i + 2 * kBlockWords);
    for (; i < end; i += 2) {
      low += (std::to_integer<std::uint32_t>(bytes[i]) << 8U) |
             std::to_integer<std::uint32_t>(bytes[i + 1]);
      high += low;
    }
    low = fold(low);
    high = fold(high);
  }
  if (even != bytes.size()) {
    low += std::to_integer<std::uint32_t>(bytes.back()) << 8U;
    high += low;
    low = fold(low);
    high = fold(high);
  }
  return (fold(high) << 16U) | fold(low);
}

std::array<std::byte, kChecksumBytes> little_endian(std::uint32_t value) {
  std::array<std::byte, kChecksumBytes> bytes{};
  for (std::byte& byte : bytes) {
    byte = static_cast<std::byte>(value & 0xffU);
    value >>= 8U;
  }
  return bytes;
}

/// All first bytes of the values, then all second bytes, and so on. The width is a constant of the
/// inner loop, so that it is compiled into vector instructions.
template <std::size_t Width>
void shuffle(const std::byte* in, std::byte* out, std::size_t values) {
  for (std::size_t b = 0; b < Width; ++b) {
    for (std::size_t i = 0; i < values; ++i) out[b * values + i] = in[i * Width + b];
  }
}

template <std::size_t Width>
void unshuffle(const std::byte* in, std::byte* out, std::size_t values) {
  for (std::size_t b = 0; b < Width; ++b) {
    for (std::size_t i = 0; i < values; ++i) out[i * Width + b] = in[b * values + i];
  }
}

}  // namespace

void ChunkCodec::FreeCompressor::operator()(libdeflate_compressor* compressor) const {
  libdeflate_free_compressor(compressor);
}
void ChunkCodec::FreeDecompressor::operator()(libdeflate_decompressor* decompressor) const {
  libdeflate_free_decompressor(decompressor);
}

ChunkCodec::ChunkCodec()
    : compressor_(libdeflate_alloc_compressor(kDeflateLevel)),
      decompressor_(libdeflate_alloc_decompressor()) {
  if (!compressor_ || !decompressor_) throw std::bad_alloc();
}
ChunkCodec::~ChunkCodec() = default;

void ChunkCodec::encode(std::span<const std::byte> chunk, std::size_t width, Bytes& out) {
  shuffled_.resize(std::max(shuffled_.size(), chunk.size()));
  if (width == 8) {
    shuffle<8>(chunk.data(), shuffled_.data(), chunk.size() / width);
  } else if (width == 1) {
    std::ranges::copy(chunk, shuffled_.begin());
  } else {
    shuffle<4>(chunk.data(), shuffled_.data(), chunk.size() / width);
  }
  const std::size_t start = out.size();
  const std::size_t bound = libdeflate_zlib_compress_bound(compressor_.get(), chunk.size());
  out.resize(start + bound + kChecksumBytes);
  const std::size_t size = libdeflate_zlib_compress(compressor_.get(), shuffled_.data(),
                                                    chunk.size(), out.data() + start, bound);
  const auto sum = little_endian(fletcher32({out.data() + start, size}));
  std::ranges::copy(sum, out.begin() + static_cast<std::ptrdiff_t>(start + size));
  out.resize(start + size + kChecksumBytes);
}

bool ChunkCodec::is_intact(std::span<const std::byte> filtered) {
  if (filtered.size() < kChecksumBytes) return false;
  const auto stream = filtered.first(filtered.size() - kChecksumBytes);
  return std::ranges::equal(little_endian(fletcher32(stream)), filtered.last(kChecksumBytes));
}

bool ChunkCodec::decode(std::span<const std::byte> filtered, std::size_t width,
                        std::span<std::byte> chunk) {
  if (!is_intact(filtered)) return false;
  const auto stream = filtered.first(filtered.size() - kChecksumBytes);
  shuffled_.resize(std::max(shuffled_.size(), chunk.size()));
  // Without a place for the size found, libdeflate asks for exactly the size given.
  if (libdeflate_zlib_decompress(decompressor_.get(), stream.data(), stream.size(),
                                 shuffled_.data(), chunk.size(), nullptr) != LIBDEFLATE_SUCCESS) {
    return false;
  }
  if (width == 8) {
    unshuffle<8>(shuffled_.data(), chunk.data(), chunk.size() / width);
  } else if (width == 1) {
    std::copy_n(shuffled_.begin(), chunk.size(), chunk.begin());
  } else {
    unshuffle<4>(shuffled_.data(), chunk.data(), chunk.size() / width);
  }
  return true;
}

std::uint32_t crc32(std::span<const std::byte> bytes, std::uint32_t crc) {
  return libdeflate_crc32(crc, bytes.data(), bytes.size());
}

}  // namespace tollgate
