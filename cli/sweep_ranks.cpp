#include "cli/sweep_ranks.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstring>
#include <exception>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "cli/exit_status.hpp"
#include "cli/run_limits.hpp"
#include "cli/stop_on_signal.hpp"
#include "engine/kernel/replica_runner.hpp"
#include "output/ensemble_file.hpp"
#include "output/kept_values.hpp"
#include "output/progress.hpp"
#include "output/writer.hpp"
#include "scenarios/sweep_worker.hpp"

namespace tollgate {
namespace {

using Items = std::vector<std::uint64_t>;

/// How long rank 0 sleeps when no message is there, twice as long each time: a core that waits for
/// messages at full speed would be taken from the simulation beside it.
constexpr std::chrono::microseconds kShortestNap{50};
constexpr std::chrono::microseconds kLongestNap{1000};

// ---- Messages. Items as they are in memory; a block after the events that it took.

std::span<const std::byte> as_message(const Items& items) {
  return std::as_bytes(std::span(items));
}

Items items_in(const Ranks::Message& message) {
  Items items(message.size() / sizeof(std::uint64_t));
  std::memcpy(items.data(), message.data(), message.size());
  return items;
}

Ranks::Message as_message(std::uint64_t events, const EncodedBatch& encoded) {
  Ranks::Message message(sizeof events);
  std::memcpy(message.data(), &events, sizeof events);
  const Bytes block = serialise(encoded);
  message.insert(message.end(), block.begin(), block.end());
  return message;
}

// ---- Ranks from 1.

/// Simulates items of one block at a time.
class BlockWorker {
 public:
  BlockWorker(const Sweep& sweep, const SweepMetadata& metadata, const BatchShape& shape)
      : worker_(sweep), shape_(shape), kept_(sweep.layout(), &metadata), batch_(shape) {
    kept_.bind(shape);
  }

  Ranks::Message run(const Items& items) {
    const std::uint64_t block = shape_.block_of(items.front());
    std::uint64_t events = 0;
    batch_.restart(block);
    for (const std::uint64_t item : items) {
      const auto row = static_cast<std::uint32_t>(item - shape_.first_item(block));
      try {
        const Record& record = worker_.run(item);
        kept_.write(record, row, batch_);
        events += record.events;
        batch_.status[row] = ReplicaStatus::kComplete;
      } catch (const std::exception& error) {
        batch_.failures.push_back({row, error.what()});
        batch_.status[row] = ReplicaStatus::kFailed;
      }
      ++batch_.present;
    }
    encode(batch_, codec_, encoded_);
    return as_message(events, encoded_);
  }

 private:
  SweepWorker worker_;
  const BatchShape& shape_;
  KeptValues kept_;
  Batch batch_;
  ChunkCodec codec_;
  EncodedBatch encoded_;
};

int work_for_rank_0(const Sweep& sweep, const SweepRunOptions& options, const Ranks& ranks) {
  Ranks::Message image;
  ranks.broadcast(image);
  if (image.empty()) return kSuccess;
  hdf5::silence();
  const EnsembleFile file(hdf5::open_image(image));
  const RunIdentity identity = file.identity();
  if (identity.sweep_toml != sweep.resolved) {
    spdlog::critical("rank {} reads another sweep or other scenarios than rank 0", ranks.rank());
    Ranks::abort(kBadInput);
  }
  BlockWorker worker(sweep, sweep_metadata_of(sweep, options), file.shape());
  const StopOnSignal stopper;  // rank 0 ends the work; a block in hand is finished
  ranks.send(0, {});
  for (;;) {
    const Items items = items_in(ranks.receive(0));
    if (items.empty()) return kSuccess;
    ranks.send(0, worker.run(items));
  }
}

// ---- Rank 0.

/// Items of a summarised block that a rank takes at most: it may have many points, and they all.
constexpr std::ptrdiff_t kPiece = 256;

/// Hands out what is missing, block by block; of summarised ones, which put together what comes in
/// any pieces, by pieces.
class BlockQueue {
 public:
  BlockQueue(const EnsembleWriter& writer, const std::atomic<bool>& stop,
             std::optional<RunClock::time_point> deadline)
      : writer_(writer), stop_(stop), deadline_(deadline), next_(writer.blocks().begin) {}

  /// Items of one block; none when there is nothing left, or no time.
  Items take() {
    const std::lock_guard lock(guard_);
    while (next_ < writer_.blocks().end && block_.empty()) {
      next_ = writer_.missing_from(next_, 1, block_);
    }
    if (block_.empty()) return {};
    if (stop_ || is_late()) {
      was_interrupted_ = true;
      return {};
    }
    if (!writer_.shape().summary()) return std::exchange(block_, {});
    const auto end = block_.begin() + std::min(kPiece, std::ssize(block_));
    Items items(block_.begin(), end);
    block_.erase(block_.begin(), end);
    return items;
  }

  /// A block took so long.
  void settle(RunClock::duration duration) {
    const std::lock_guard lock(guard_);
    longest_ = std::max(longest_, duration);
  }

  [[nodiscard]] bool was_interrupted() const { return was_interrupted_; }
  [[nodiscard]] bool is_out_of_time() const { return is_out_of_time_; }

 private:
  bool is_late() {
    if (deadline_ && RunClock::now() + longest_ > *deadline_) is_out_of_time_ = true;
    return is_out_of_time_;
  }

  const EnsembleWriter& writer_;
  const std::atomic<bool>& stop_;
  std::optional<RunClock::time_point> deadline_;
  std::uint64_t next_;
  Items block_;  ///< what is left of the one before `next_`
  std::mutex guard_;
  RunClock::duration longest_{};
  bool was_interrupted_ = false;
  bool is_out_of_time_ = false;
};

class Coordinator {
 public:
  Coordinator(const Sweep& sweep, const SweepRunOptions& options, const Ranks& ranks,
              EnsembleWriter& writer, const BatchShape& shape, BlockQueue& queue)
      : sweep_(sweep),
        ranks_(ranks),
        writer_(writer),
        shape_(shape),
        queue_(queue),
        progress_(writer.missing_items(), options.is_quiet),
        reported_(writer.saved()) {}

  /// Simulates beside the messages, and answers these until nobody is at work any more.
  void run() {
    std::exception_ptr failed;
    std::atomic<bool> is_done{false};
    std::thread own([&] {
      try {
        simulate();
      } catch (...) {
        failed = std::current_exception();
      }
      is_done = true;
    });
    try {
      answer(is_done);
    } catch (...) {
      own.join();
      throw;
    }
    own.join();
    progress_.finish();
    if (failed) std::rethrow_exception(failed);
  }

  [[nodiscard]] std::uint64_t done() const { return done_; }
  [[nodiscard]] std::uint64_t failed() const { return failed_; }
  [[nodiscard]] std::uint64_t events() const { return events_; }

 private:
  void simulate() {
    SweepWorker worker(sweep_);
    for (Items items = queue_.take(); !items.empty(); items = queue_.take()) {
      const RunClock::time_point begin = RunClock::now();
      for (const std::uint64_t item : items) {
        try {
          const Record& record = worker.run(item);
          writer_.add(item, record);
          events_ += record.events;
        } catch (const OutputError&) {
          throw;
        } catch (const std::exception& error) {
          writer_.fail(item, error.what());
          tell_of(item, error.what());
        }
        ++done_;
      }
      queue_.settle(RunClock::now() - begin);
    }
  }

  void answer(const std::atomic<bool>& is_done) {
    std::vector<RunClock::time_point> begun(static_cast<std::size_t>(ranks_.size()));
    int at_work = ranks_.size() - 1;
    std::chrono::microseconds nap = kShortestNap;
    while (at_work > 0 || !is_done) {
      report_saved();
      std::optional<Ranks::Received> message = ranks_.poll();
      if (!message) {
        std::this_thread::sleep_for(nap);
        nap = std::min(2 * nap, kLongestNap);
        continue;
      }
      nap = kShortestNap;
      RunClock::time_point& since = begun[static_cast<std::size_t>(message->from)];
      if (!message->bytes.empty()) {
        queue_.settle(RunClock::now() - since);
        take_block(message->bytes);
      }
      const Items items = queue_.take();
      since = RunClock::now();
      ranks_.send(message->from, as_message(items));
      if (items.empty()) --at_work;
    }
    report_saved();
  }

  void take_block(const Ranks::Message& message) {
    std::uint64_t events = 0;
    std::memcpy(&events, message.data(), sizeof events);
    events_ += events;
    EncodedBatch block = parse(std::span(message).subspan(sizeof events), shape_);
    for (const Batch::Failure& failure : block.failures) {
      tell_of(shape_.first_item(block.number) + failure.row, failure.message);
    }
    for (const ReplicaStatus status : block.status) done_ += status != ReplicaStatus::kNotRun;
    writer_.add_block(std::move(block));
  }

  void tell_of(std::uint64_t item, const std::string& message) {
    ++failed_;
    spdlog::error("point {}, replica {} failed: {}; to see it again: {}", item / sweep_.replicas,
                  item % sweep_.replicas, message, rerun_command(sweep_, item));
  }

  void report_saved() {
    const std::uint64_t saved = writer_.saved();
    progress_.advance(saved - reported_);
    reported_ = saved;
  }

  const Sweep& sweep_;
  const Ranks& ranks_;
  EnsembleWriter& writer_;
  const BatchShape& shape_;
  BlockQueue& queue_;
  Progress progress_;
  std::uint64_t reported_;
  std::atomic<std::uint64_t> done_{0}, failed_{0}, events_{0};
};

int coordinate(const Sweep& sweep, const SweepRunOptions& options, const Ranks& ranks) {
  std::optional<RunClock::time_point> deadline;
  if (options.time_limit) deadline = options.begin + parse_time_limit(*options.time_limit);
  const StopOnSignal stopper;
  EnsembleWriter writer(output_of(sweep, options), sweep.layout(), sweep.replicas,
                        metadata_of(sweep, options), parameters_of(sweep),
                        sweep_metadata_of(sweep, options), options.is_overwriting,
                        {.is_resuming = options.is_resuming});
  SweepOutcome outcome;
  outcome.resumed = writer.saved();
  outcome.failed_before = writer.failed_at_start();
  Bytes image = writer.missing_items() > 0 ? writer.image() : Bytes{};
  ranks.broadcast(image);
  if (!image.empty()) {
    const BatchShape shape = writer.shape();
    BlockQueue queue(writer, stopper.requested(), deadline);
    Coordinator coordinator(sweep, options, ranks, writer, shape, queue);
    coordinator.run();
    outcome.done = coordinator.done();
    outcome.failed = coordinator.failed();
    outcome.events = coordinator.events();
    outcome.was_interrupted = queue.was_interrupted();
    outcome.is_out_of_time = queue.is_out_of_time();
  }
  writer.finish();
  outcome.seconds = std::chrono::duration<double>(RunClock::now() - options.begin).count();
  return report(sweep, options, outcome);
}

}  // namespace

int run_sweep(const Sweep& sweep, const SweepRunOptions& options, const Ranks& ranks) {
  return ranks.rank() == 0 ? coordinate(sweep, options, ranks)
                           : work_for_rank_0(sweep, options, ranks);
}

}  // namespace tollgate
