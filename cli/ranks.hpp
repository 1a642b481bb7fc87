/// The ranks of an MPI job, and bytes between them. The only file that knows MPI.
///
/// One thread of a process calls this, the one that made it (MPI_THREAD_FUNNELED).
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace tollgate {

class Ranks {
 public:
  /// Begins and ends MPI.
  Ranks(int& argc, char**& argv);
  ~Ranks();
  Ranks(const Ranks&) = delete;
  Ranks& operator=(const Ranks&) = delete;

  [[nodiscard]] int rank() const { return rank_; }
  [[nodiscard]] int size() const { return size_; }

  using Message = std::vector<std::byte>;
  struct Received {
    int from = 0;
    Message bytes;
  };

  /// The bytes of rank 0, on every rank.
  void broadcast(Message& bytes) const;
  /// Returns when `bytes` may be reused.
  void send(int to, std::span<const std::byte> bytes) const;
  /// The next message of any rank, if one is there.
  [[nodiscard]] std::optional<Received> poll() const;
  /// Waits for the next message of a rank.
  [[nodiscard]] Message receive(int from) const;
  /// Ends all ranks, with this exit status.
  [[noreturn]] static void abort(int status);

 private:
  int rank_ = 0;
  int size_ = 1;
};

}  // namespace tollgate
