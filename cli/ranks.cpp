#include "cli/ranks.hpp"

#include <mpi.h>

#include <algorithm>
#include <cstdlib>

namespace tollgate {
namespace {

Ranks::Message take(const MPI_Status& status) {
  int size = 0;
  MPI_Get_count(&status, MPI_BYTE, &size);
  Ranks::Message bytes(static_cast<std::size_t>(size));
  MPI_Recv(bytes.data(), size, MPI_BYTE, status.MPI_SOURCE, status.MPI_TAG, MPI_COMM_WORLD,
           MPI_STATUS_IGNORE);
  return bytes;
}

}  // namespace

Ranks::Ranks(int& argc, char**& argv) {
  int provided = 0;
  MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &provided);
  MPI_Comm_rank(MPI_COMM_WORLD, &rank_);
  MPI_Comm_size(MPI_COMM_WORLD, &size_);
}

Ranks::~Ranks() { MPI_Finalize(); }

void Ranks::broadcast(Message& bytes) const {
  auto size = static_cast<unsigned long long>(bytes.size());
  MPI_Bcast(&size, 1, MPI_UNSIGNED_LONG_LONG, 0, MPI_COMM_WORLD);
  bytes.resize(size);
  constexpr std::size_t kMost = std::size_t{1} << 30;  // MPI counts in int
  for (std::size_t done = 0; done < size; done += kMost) {
    const auto piece = static_cast<int>(std::min<std::size_t>(kMost, size - done));
    MPI_Bcast(bytes.data() + done, piece, MPI_BYTE, 0, MPI_COMM_WORLD);
  }
}

void Ranks::send(int to, std::span<const std::byte> bytes) const {
  MPI_Send(bytes.data(), static_cast<int>(bytes.size()), MPI_BYTE, to, 0, MPI_COMM_WORLD);
}

std::optional<Ranks::Received> Ranks::poll() const {
  int is_there = 0;
  MPI_Status status;
  MPI_Iprobe(MPI_ANY_SOURCE, 0, MPI_COMM_WORLD, &is_there, &status);
  if (is_there == 0) return std::nullopt;
  return Received{status.MPI_SOURCE, take(status)};
}

Ranks::Message Ranks::receive(int from) const {
  MPI_Status status;
  MPI_Probe(from, 0, MPI_COMM_WORLD, &status);
  return take(status);
}

void Ranks::abort(int status) {
  MPI_Abort(MPI_COMM_WORLD, status);
  std::_Exit(status);
}

}  // namespace tollgate
