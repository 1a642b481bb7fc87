/// Compresses and checks one chunk exactly as HDF5's filters shuffle, deflate and fletcher32 do.
///
/// Done here and handed to the library as finished bytes (`H5Dwrite_chunk`): libdeflate makes the
/// same zlib streams in half the time, a chunk goes to the journal and to the file without being
/// compressed twice, and every reader undoes it with the filters it has.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

struct libdeflate_compressor;
struct libdeflate_decompressor;

namespace tollgate {

using Bytes = std::vector<std::byte>;

/// Deflate level: higher ones cost much and buy little (docs/file-format.md).
inline constexpr int kDeflateLevel = 1;

class ChunkCodec {
 public:
  ChunkCodec();
  ~ChunkCodec();
  ChunkCodec(const ChunkCodec&) = delete;
  ChunkCodec& operator=(const ChunkCodec&) = delete;

  /// Appends the filtered `chunk`, of values `width` bytes wide, to `out`.
  void encode(std::span<const std::byte> chunk, std::size_t width, Bytes& out);

  /// Whether the checksum of a filtered chunk is right.
  [[nodiscard]] static bool is_intact(std::span<const std::byte> filtered);

  /// Undoes it into `chunk`. Returns whether the checksum and the length were right.
  [[nodiscard]] bool decode(std::span<const std::byte> filtered, std::size_t width,
                            std::span<std::byte> chunk);

 private:
  struct FreeCompressor {
    void operator()(libdeflate_compressor* compressor) const;
  };
  struct FreeDecompressor {
    void operator()(libdeflate_decompressor* decompressor) const;
  };
  std::unique_ptr<libdeflate_compressor, FreeCompressor> compressor_;
  std::unique_ptr<libdeflate_decompressor, FreeDecompressor> decompressor_;
  Bytes shuffled_;
};

/// CRC-32 (that of zlib) of `bytes`, continued from `crc`.
std::uint32_t crc32(std::span<const std::byte> bytes, std::uint32_t crc = 0);

}  // namespace tollgate
