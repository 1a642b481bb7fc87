#include "output/writer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "engine/kernel/check.hpp"
#include "output/ensemble_file.hpp"
#include "output/journal.hpp"
#include "output/kept_values.hpp"
#include "output/saved_run.hpp"

namespace tollgate {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

/// A batch that is being filled.
struct OpenBatch {
  std::unique_ptr<Batch> batch;
  int copying = 0;  ///< threads that are writing rows of it at this moment
  Clock::time_point since = Clock::now();
};

std::uint64_t present_in(const EncodedBatch& encoded) {
  return static_cast<std::uint64_t>(std::ranges::count_if(
      encoded.status, [](auto status) { return status != ReplicaStatus::kNotRun; }));
}

Bytes bytes_of_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  const std::vector<char> text{std::istreambuf_iterator<char>(in), {}};
  if (!in) throw OutputError(fmt::format("cannot read '{}'", path));
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

}  // namespace

class EnsembleWriter::State {
 public:
  State(std::string path, const RecordLayout& layout, std::uint32_t replicas,
        const EnsembleMetadata& metadata, const std::vector<ParameterLabel>& parameters,
        const SweepMetadata* sweep, bool overwrite, WriterOptions options)
      : target_(std::move(path), overwrite || options.is_resuming),
        journal_(Journal::open(journal_path(target_.path()))),
        kept_(layout, sweep),
        options_(options),
        longest_wait_(sweep != nullptr && keeps_summary(*sweep) ? options.longest_summary_wait
                                                                : options.longest_wait) {
    std::exception_ptr failed;
    std::mutex opening;
    std::condition_variable is_open_changed;
    bool is_open = false;
    thread_ = std::thread([&, this] {
      try {
        open(replicas, metadata, parameters, sweep, overwrite);
      } catch (...) {
        failed = translated(std::current_exception(), false);
      }
      const bool goes_on = !failed;
      {
        // Notified under the lock: the constructor's variables are gone soon after it.
        const std::lock_guard lock(opening);
        is_open = true;
        is_open_changed.notify_one();
      }
      if (goes_on) work();
    });
    std::unique_lock lock(opening);
    is_open_changed.wait(lock, [&] { return is_open; });
    lock.unlock();
    if (!failed) return;
    thread_.join();
    leave_journal();
    std::rethrow_exception(failed);
  }

  ~State() {
    end(false);
    if (!is_published_) leave_journal();
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  /// Calls `write_row(batch, row)` for the item's row and marks it.
  template <class WriteRow>
  void settle(std::uint64_t item, ReplicaStatus status, const WriteRow& write_row) {
    const std::uint64_t number = shape_.block_of(item);
    const std::size_t row = item - shape_.first_item(number);
    TOLLGATE_CHECK(range_.has(number), "an item of this output");
    std::unique_lock lock(mutex_);
    // An address that holds while others open and close batches: std::map.
    OpenBatch& open = opened(number, lock);
    TOLLGATE_CHECK(open.batch->status[row] == ReplicaStatus::kNotRun, "each item comes once");
    ++open.copying;
    lock.unlock();
    write_row(*open.batch, row);
    lock.lock();
    --open.copying;
    open.batch->status[row] = status;
    ++open.batch->present;
    room_.notify_all();  // it may be waited for to become movable
    if (open.batch->present + gone_[number - range_.begin] < shape_.rows_of(number)) return;
    // Full, if nobody else moved it on meanwhile.
    const Batch* full = open.batch.get();
    for (;;) {
      const auto found = open_.find(number);
      if (found == open_.end() || found->second.batch.get() != full) return;
      if (queue_.size() < options_.queued_batches || error_) break;
      room_.wait(lock);
    }
    rethrow_error();
    enqueue(open_.find(number));
  }

  void fail(std::uint64_t item, const std::string& message) {
    settle(item, ReplicaStatus::kFailed, [&](Batch& batch, std::size_t row) {
      const std::lock_guard lock(mutex_);
      batch.failures.push_back({static_cast<std::uint32_t>(row), message});
    });
  }

  void add(std::uint64_t item, const Record& record) {
    settle(item, ReplicaStatus::kComplete,
           [&](Batch& batch, std::size_t row) { kept_.write(record, row, batch); });
  }

  void add_block(EncodedBatch&& encoded) {
    TOLLGATE_CHECK(range_.has(encoded.number), "a block of this output");
    std::unique_lock lock(mutex_);
    room_.wait(lock, [&] { return received_.size() < options_.queued_batches || error_; });
    rethrow_error();
    received_.push_back(std::move(encoded));
    work_.notify_one();
  }

  [[nodiscard]] Bytes image() const { return is_complete_ ? Bytes{} : journal_.read(0); }

  void finish() {
    end(!is_complete_);
    rethrow_error();
    is_published_ = true;
    if (is_complete_) journal_.remove();
  }

  [[nodiscard]] const BatchShape& shape() const { return shape_; }
  [[nodiscard]] BlockRange blocks() const { return range_; }
  [[nodiscard]] std::uint64_t missing_items() const {
    return items_in(shape_, range_) - saved_at_start_;
  }

  std::uint64_t missing_from(std::uint64_t block, std::size_t most,
                             std::vector<std::uint64_t>& items) const {
    items.clear();
    for (; block < range_.end; ++block) {
      if (is_full_at_start_[block - range_.begin]) continue;
      if (!items.empty() && items.size() + shape_.rows_of(block) > most) break;
      const auto partial = partial_at_start_.find(block);
      for (std::uint32_t r = 0; r < shape_.rows_of(block); ++r) {
        const bool is_there =
            partial != partial_at_start_.end() && partial->second[r] != ReplicaStatus::kNotRun;
        if (!is_there) items.push_back(shape_.first_item(block) + r);
      }
    }
    return block;
  }

  void for_each_saved(const std::function<void(std::uint32_t, const Record&)>& complete,
                      const std::function<void(const ReplicaFailure&)>& failed) const {
    Record record(kept_.layout());
    run_->visit([&](const Batch& batch) {
      const auto first = static_cast<std::uint32_t>(batch.shape->first_item(batch.number));
      for (std::uint32_t r = 0; r < batch.status.size(); ++r) {
        if (batch.status[r] != ReplicaStatus::kComplete) continue;
        kept_.restore(batch, r, record);
        complete(first + r, record);
      }
      for (const Batch::Failure& failure : batch.failures) {
        failed({first + failure.row, seed_, failure.message});
      }
    });
  }

  [[nodiscard]] std::uint64_t saved() const { return saved_; }
  [[nodiscard]] std::uint64_t failed_at_start() const { return failed_at_start_; }

 private:
  using OpenBatches = std::map<std::uint64_t, OpenBatch>;

  // ---- The callers' side, under the mutex.

  void rethrow_error() const {
    if (error_) std::rethrow_exception(error_);
  }

  /// The open batch `number`, made if need be.
  OpenBatch& opened(std::uint64_t number, std::unique_lock<std::mutex>& lock) {
    for (;;) {
      rethrow_error();
      const auto found = open_.find(number);
      if (found != open_.end()) return found->second;
      if (open_.size() < options_.open_batches) break;
      // Too many wait for a slow replica: the one that has waited longest goes without it.
      const auto oldest = oldest_movable();
      if (oldest != open_.end() && queue_.size() < options_.queued_batches) {
        enqueue(oldest);
      } else {
        room_.wait(lock);
      }
    }
    OpenBatch open;
    if (spare_.empty()) {
      open.batch = std::make_unique<Batch>(shape_);
    } else {
      open.batch = std::move(spare_.back());
      spare_.pop_back();
    }
    open.batch->restart(number);
    return open_.emplace(number, std::move(open)).first->second;
  }

  OpenBatches::iterator oldest_movable() {
    auto oldest = open_.end();
    for (auto it = open_.begin(); it != open_.end(); ++it) {
      if (it->second.copying > 0) continue;
      if (oldest == open_.end() || it->second.since < oldest->second.since) oldest = it;
    }
    return oldest;
  }

  std::unique_ptr<Batch> close(OpenBatches::iterator it) {
    std::unique_ptr<Batch> batch = std::move(it->second.batch);
    std::uint32_t& gone = gone_[batch->number - range_.begin];
    gone += static_cast<std::uint32_t>(batch->present);
    open_.erase(it);
    return batch;
  }

  void enqueue(OpenBatches::iterator it) {
    queue_.push_back(close(it));
    work_.notify_one();
  }

  /// Ends the writer's thread, after it has saved everything.
  void end(bool is_publishing) {
    {
      const std::lock_guard lock(mutex_);
      is_ending_ = true;
      is_publishing_ = is_publishing;
      work_.notify_one();
    }
    if (thread_.joinable()) thread_.join();
  }

  /// Removes the journal if there is nothing in it to go on with.
  void leave_journal() {
    if (is_worthless_) journal_.remove();
  }

  // ---- The writer's thread.

  /// As an OutputError that says what is left, when it is about writing the output.
  std::exception_ptr translated(const std::exception_ptr& error, bool is_writing) const {
    const std::string rest =
        is_worthless_ ? ""
                      : fmt::format("; finished replicas stay in '{}', --resume goes on with them",
                                    journal_.path());
    try {
      std::rethrow_exception(error);
    } catch (const Hdf5Error& failed) {
      return std::make_exception_ptr(
          OutputError(fmt::format("cannot write '{}': {}{}", target_.path(), failed.what(), rest)));
    } catch (const OutputError& failed) {
      return is_writing ? std::make_exception_ptr(OutputError(failed.what() + rest)) : error;
    } catch (...) {
      return error;
    }
  }

  void open(std::uint32_t replicas, const EnsembleMetadata& metadata,
            const std::vector<ParameterLabel>& parameters, const SweepMetadata* sweep,
            bool overwrite) {
    hdf5::silence();
    is_worthless_ = journal_.frames() < 2;  // the first is the empty file
    if (is_worthless_) journal_.clear();
    if (!journal_.is_empty() && !options_.is_resuming && !overwrite) {
      throw OutputError(fmt::format(
          "'{}' holds the finished replicas of a run that was cut short; go on with it by "
          "--resume, or say --overwrite to lose them",
          journal_.path()));
    }
    if (journal_.is_exclusive()) remove_stale_temporaries(target_.path());  // of the dead
    create_ensemble_file(target_.temporary(), kept_.layout(), replicas, metadata, parameters,
                         sweep);
    const RunIdentity wanted =
        EnsembleFile(target_.temporary(), EnsembleFile::Access::kRead).identity();
    const char* type = sweep != nullptr ? "sweep" : "ensemble";
    std::optional<EnsembleFile> shorter;  // a complete file of an attempt that ended early
    if (!options_.is_resuming) {
      journal_.clear();
      is_worthless_ = true;
    } else if (!journal_.is_empty()) {
      const Bytes image = journal_.read(0);
      require_same(journal_.path(), EnsembleFile(hdf5::open_image(image)).identity(), wanted);
      // An attempt to go on with it may have been killed while it took it over.
      if (auto file = shorter_of_same_run(type, wanted)) shorter.emplace(std::move(*file));
    } else if (fs::exists(target_.path())) {
      shorter.emplace(open_shorter(type));
      require_same(target_.path(), shorter->identity(), wanted);
      if (shorter->is_sweep() && shorter->counts().settled() == shorter->counts().planned) {
        take_as_complete(*shorter);
        return;
      }
    }
    if (journal_.is_empty()) journal_.append(bytes_of_file(target_.temporary()));
    run_.emplace(journal_, target_);
    shape_ = run_->shape();
    kept_.bind(shape_);
    seed_ = metadata.seed;
    run_->replay();
    if (shorter) take_over(*shorter);
    range_ = run_->range();
    gone_.reserve(range_.size());
    is_full_at_start_.reserve(range_.size());
    for (std::uint64_t block = range_.begin; block < range_.end; ++block) {
      const std::uint32_t settled = run_->settled(block);
      gone_.push_back(settled);
      is_full_at_start_.push_back(settled == shape_.rows_of(block));
      if (settled > 0 && !is_full_at_start_.back()) {
        partial_at_start_[block] = run_->status_of(block);
      }
    }
    saved_at_start_ = run_->settled();
    failed_at_start_ = run_->failed();
    saved_ = saved_at_start_;
    if (saved_ > 0) is_worthless_ = false;
  }

  /// There is nothing to run, and nothing to write.
  void take_as_complete(const EnsembleFile& file) {
    is_complete_ = true;
    shape_ = file.shape();
    range_ = file.range();
    is_full_at_start_.assign(range_.size(), true);
    saved_at_start_ = items_in(shape_, range_);
    failed_at_start_ = file.counts().failed;
    saved_ = saved_at_start_;
  }

  EnsembleFile open_shorter(const char* type) const {
    try {
      EnsembleFile file(target_.path(), EnsembleFile::Access::kRead);
      if (file.text("tollgate_file_type") == type) return file;
    } catch (const Hdf5Error&) {
      // No HDF5: said below.
    } catch (const OutputError&) {
      // A master of shards, likewise.
    }
    throw OutputError(fmt::format(
        "'{}' is no output of tollgate that could be resumed; name another file with -o",
        target_.path()));
  }

  std::optional<EnsembleFile> shorter_of_same_run(const char* type,
                                                  const RunIdentity& wanted) const {
    if (!fs::exists(target_.path())) return std::nullopt;
    try {
      EnsembleFile file = open_shorter(type);
      if (difference(file.identity(), wanted).empty()) return file;
    } catch (const OutputError&) {
      // Something else, which the run was told to write over.
    }
    return std::nullopt;
  }

  static void require_same(const std::string& path, const RunIdentity& found,
                           const RunIdentity& wanted) {
    const std::string differences = difference(found, wanted);
    if (differences.empty()) return;
    throw OutputError(fmt::format(
        "'{}' is of another run and cannot be resumed by this one:\n{}Repeat the command that "
        "began it (`tollgate info {}` shows it), or say --overwrite instead of --resume",
        path, differences, path));
  }

  /// Puts into the journal what the shorter file has and the journal lacks, by blocks.
  void take_over(const EnsembleFile& shorter) {
    if (shorter.is_sweep()) {
      take_over_chunks(shorter);
      return;
    }
    Batch batch(shape_);
    for (std::uint64_t number = 0; number < shorter.shape().blocks(); ++number) {
      if (run_->settled(number) > 0) continue;
      shorter.read(number, batch);
      run_->save(batch);
    }
  }

  void take_over_chunks(const EnsembleFile& shorter) {
    const std::map<std::uint64_t, std::string> failures = shorter.failures();
    for (std::uint64_t block = run_->range().begin; block < run_->range().end; ++block) {
      if (run_->settled(block) > 0) continue;
      EncodedBatch encoded;
      shorter.read_encoded(block, encoded);
      const std::uint64_t there = present_in(encoded);
      if (there == 0) continue;
      // The state of a summary in part went with the journal: its points are run again.
      if (shape_.summary() && there < shape_.rows_of(block)) continue;
      const std::uint64_t first = shape_.first_item(block);
      for (auto it = failures.lower_bound(first);
           it != failures.end() && it->first < first + shape_.rows_of(block); ++it) {
        encoded.failures.push_back({static_cast<std::uint32_t>(it->first - first), it->second});
      }
      run_->save(std::move(encoded));
    }
  }

  /// What to save next; neither when all is saved and the run has ended.
  struct Work {
    std::unique_ptr<Batch> batch;
    std::optional<EncodedBatch> encoded;
  };
  Work next() {
    std::unique_lock lock(mutex_);
    for (;;) {
      if (!queue_.empty()) {
        Work work{std::move(queue_.front()), {}};
        queue_.pop_front();
        room_.notify_all();
        return work;
      }
      if (!received_.empty()) {
        Work work{nullptr, std::move(received_.front())};
        received_.pop_front();
        room_.notify_all();
        return work;
      }
      const auto oldest = oldest_movable();
      if (oldest != open_.end() &&
          (is_ending_ || Clock::now() - oldest->second.since >= longest_wait_)) {
        room_.notify_all();
        return {close(oldest), {}};
      }
      if (is_ending_) return {};
      // Now and then, because time alone makes a batch due.
      work_.wait_for(lock, longest_wait_ / 4);
    }
  }

  void work() {
    try {
      for (Work work = next(); work.batch || work.encoded; work = next()) {
        if (work.encoded) {
          const auto items = present_in(*work.encoded);
          run_->save(std::move(*work.encoded));
          is_worthless_ = false;
          saved_ += items;
          continue;
        }
        if (work.batch->present > 0) {
          run_->save(*work.batch);
          is_worthless_ = false;
          saved_ += work.batch->present;
        }
        const std::lock_guard lock(mutex_);
        spare_.push_back(std::move(work.batch));
      }
      if (is_publishing_) {
        const bool is_needed = run_->has_summary_parts();
        run_->finish();
        target_.publish();
        if (!is_needed) journal_.remove();
        sync_folder_of(target_.path());
      }
    } catch (...) {
      const std::lock_guard lock(mutex_);
      error_ = translated(std::current_exception(), true);
      room_.notify_all();
    }
    run_.reset();  // HDF5 handles end on the thread that made them
  }

  TargetFile target_;
  Journal journal_;
  KeptValues kept_;
  WriterOptions options_;
  std::chrono::milliseconds longest_wait_;
  std::uint64_t seed_ = 0;
  std::optional<SavedRun> run_;  ///< the writer's thread's
  BatchShape shape_;             ///< its shape
  BlockRange range_;
  std::vector<bool> is_full_at_start_;  ///< by block
  std::map<std::uint64_t, std::vector<ReplicaStatus>> partial_at_start_;
  std::uint64_t saved_at_start_ = 0;
  std::uint64_t failed_at_start_ = 0;
  bool is_complete_ = false;  ///< it was so already, and stays as it is
  bool is_worthless_ = true;  ///< no replica is in the journal
  bool is_published_ = false;
  std::atomic<std::uint64_t> saved_{0};

  std::mutex mutex_;
  std::condition_variable room_;  ///< in the queue, or a batch has become movable
  std::condition_variable work_;  ///< in the queue, or the end
  OpenBatches open_;
  std::vector<std::uint32_t> gone_;  ///< rows that need not be waited for any more, by block
  std::deque<std::unique_ptr<Batch>> queue_;
  std::deque<EncodedBatch> received_;          ///< blocks that others have encoded
  std::vector<std::unique_ptr<Batch>> spare_;  ///< kept for their memory
  std::exception_ptr error_;
  bool is_ending_ = false;
  bool is_publishing_ = false;
  std::thread thread_;
};

EnsembleWriter::EnsembleWriter(std::string path, const RecordLayout& layout, std::uint32_t replicas,
                               const EnsembleMetadata& metadata,
                               const std::vector<ParameterLabel>& parameters, bool overwrite,
                               WriterOptions options)
    : state_(std::make_unique<State>(std::move(path), layout, replicas, metadata, parameters,
                                     nullptr, overwrite, options)) {}

EnsembleWriter::EnsembleWriter(std::string path, const RecordLayout& layout, std::uint32_t replicas,
                               const EnsembleMetadata& metadata,
                               const std::vector<ParameterLabel>& parameters,
                               const SweepMetadata& sweep, bool overwrite, WriterOptions options) {
  if (const fs::path folder = fs::path(path).parent_path(); sweep.shard && !folder.empty()) {
    std::error_code refused;  // said where the folder is looked at
    fs::create_directories(folder, refused);
  }
  state_ = std::make_unique<State>(std::move(path), layout, replicas, metadata, parameters, &sweep,
                                   overwrite, options);
}

EnsembleWriter::~EnsembleWriter() = default;

std::vector<std::uint32_t> EnsembleWriter::missing() const {
  std::vector<std::uint64_t> items;
  state_->missing_from(0, std::numeric_limits<std::size_t>::max(), items);
  std::vector<std::uint32_t> replicas;
  replicas.reserve(items.size());
  for (const std::uint64_t item : items) replicas.push_back(static_cast<std::uint32_t>(item));
  return replicas;
}

const BatchShape& EnsembleWriter::shape() const { return state_->shape(); }

BlockRange EnsembleWriter::blocks() const { return state_->blocks(); }

std::uint64_t EnsembleWriter::missing_items() const { return state_->missing_items(); }

std::uint64_t EnsembleWriter::missing_from(std::uint64_t block, std::size_t most,
                                           std::vector<std::uint64_t>& items) const {
  return state_->missing_from(block, most, items);
}

void EnsembleWriter::for_each_saved(
    const std::function<void(std::uint32_t, const Record&)>& complete,
    const std::function<void(const ReplicaFailure&)>& failed) const {
  state_->for_each_saved(complete, failed);
}

void EnsembleWriter::add(std::uint64_t item, const Record& record) { state_->add(item, record); }

void EnsembleWriter::fail(std::uint64_t item, const std::string& message) {
  state_->fail(item, message);
}

void EnsembleWriter::fail(const ReplicaFailure& failure) {
  state_->fail(failure.replica, fmt::format("{} (seed {})", failure.message, failure.seed));
}

void EnsembleWriter::add_block(EncodedBatch&& encoded) { state_->add_block(std::move(encoded)); }

Bytes EnsembleWriter::image() const { return state_->image(); }

std::uint64_t EnsembleWriter::saved() const { return state_->saved(); }

std::uint64_t EnsembleWriter::failed_at_start() const { return state_->failed_at_start(); }

void EnsembleWriter::finish() { state_->finish(); }

}  // namespace tollgate
