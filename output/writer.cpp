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
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "engine/kernel/check.hpp"
#include "output/ensemble_file.hpp"
#include "output/journal.hpp"
#include "output/record_rows.hpp"
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
        bool overwrite, WriterOptions options)
      : target_(std::move(path), overwrite || options.is_resuming),
        journal_(Journal::open(journal_path(target_.path()))),
        layout_(layout),
        options_(options) {
    std::exception_ptr failed;
    std::mutex opening;
    std::condition_variable is_open_changed;
    bool is_open = false;
    thread_ = std::thread([&, this] {
      try {
        open(replicas, metadata, parameters, overwrite);
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

  /// Calls `write_row(batch, row)` for the replica's row and marks it.
  template <class WriteRow>
  void settle(std::uint32_t replica, ReplicaStatus status, const WriteRow& write_row) {
    const std::uint32_t number = replica / shape_.rows();
    const std::size_t row = replica % shape_.rows();
    std::unique_lock lock(mutex_);
    // An address that holds while others open and close batches: std::map.
    OpenBatch& open = opened(number, lock);
    TOLLGATE_CHECK(open.batch->status[row] == ReplicaStatus::kNotRun, "each replica comes once");
    ++open.copying;
    lock.unlock();
    write_row(*open.batch, row);
    lock.lock();
    --open.copying;
    open.batch->status[row] = status;
    ++open.batch->present;
    room_.notify_all();  // it may be waited for to become movable
    if (open.batch->present + gone_[number] < shape_.rows_of(number)) return;
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

  void note(const ReplicaFailure& failure) {
    const std::string message = fmt::format("{} (seed {})", failure.message, failure.seed);
    settle(failure.replica, ReplicaStatus::kFailed, [&](Batch& batch, std::size_t row) {
      const std::lock_guard lock(mutex_);
      batch.failures.push_back({static_cast<std::uint32_t>(row), message});
    });
  }

  void add(std::uint32_t replica, const Record& record) {
    settle(replica, ReplicaStatus::kComplete,
           [&](Batch& batch, std::size_t row) { rows_->copy(record, row, batch); });
  }

  void finish() {
    end(true);
    rethrow_error();
    is_published_ = true;
  }

  std::vector<std::uint32_t> missing() const {
    std::vector<std::uint32_t> replicas;
    for (std::uint32_t i = 0; i < at_start_.size(); ++i) {
      if (at_start_[i] == ReplicaStatus::kNotRun) replicas.push_back(i);
    }
    return replicas;
  }

  void for_each_saved(const std::function<void(std::uint32_t, const Record&)>& complete,
                      const std::function<void(const ReplicaFailure&)>& failed) const {
    Record record(layout_);
    run_->visit([&](const Batch& batch) {
      const std::uint32_t first = batch.number * batch.shape->rows();
      for (std::uint32_t r = 0; r < batch.status.size(); ++r) {
        if (batch.status[r] != ReplicaStatus::kComplete) continue;
        rows_->restore(batch, r, record);
        complete(first + r, record);
      }
      for (const Batch::Failure& failure : batch.failures) {
        failed({first + failure.row, seed_, failure.message});
      }
    });
  }

  [[nodiscard]] std::uint32_t saved() const { return saved_; }

 private:
  using OpenBatches = std::map<std::uint32_t, OpenBatch>;

  // ---- The callers' side, under the mutex.

  void rethrow_error() const {
    if (error_) std::rethrow_exception(error_);
  }

  /// The open batch `number`, made if need be.
  OpenBatch& opened(std::uint32_t number, std::unique_lock<std::mutex>& lock) {
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
    gone_[batch->number] += static_cast<std::uint32_t>(batch->present);
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
            const std::vector<ParameterLabel>& parameters, bool overwrite) {
    hdf5::silence();
    is_worthless_ = journal_.frames() < 2;  // the first is the empty file
    if (is_worthless_) journal_.clear();
    if (!journal_.is_empty() && !options_.is_resuming && !overwrite) {
      throw OutputError(fmt::format(
          "'{}' holds the finished replicas of a run that was cut short; go on with it by "
          "--resume, or say --overwrite to lose them",
          journal_.path()));
    }
    remove_stale_temporaries(target_.path());  // the lock is ours, so their makers are dead
    create_ensemble_file(target_.temporary(), layout_, replicas, metadata, parameters);
    const RunIdentity wanted =
        EnsembleFile(target_.temporary(), EnsembleFile::Access::kRead).identity();
    std::optional<EnsembleFile> shorter;  // a complete file of an attempt that ended early
    if (!options_.is_resuming) {
      journal_.clear();
      is_worthless_ = true;
    } else if (!journal_.is_empty()) {
      const Bytes image = journal_.read(0);
      require_same(journal_.path(), EnsembleFile(hdf5::open_image(image)).identity(), wanted);
    } else if (fs::exists(target_.path())) {
      shorter.emplace(open_shorter());
      require_same(target_.path(), shorter->identity(), wanted);
    }
    if (journal_.is_empty()) journal_.append(bytes_of_file(target_.temporary()));
    run_.emplace(journal_, target_);
    shape_ = run_->shape();
    rows_.emplace(layout_, shape_);
    seed_ = metadata.seed;
    run_->replay();
    if (shorter) take_over(*shorter);
    at_start_ = run_->status();
    gone_.assign(shape_.batches(), 0);
    for (std::uint32_t i = 0; i < at_start_.size(); ++i) {
      if (at_start_[i] == ReplicaStatus::kNotRun) continue;
      ++gone_[i / shape_.rows()];
      ++saved_;
    }
    if (saved_ > 0) is_worthless_ = false;
  }

  EnsembleFile open_shorter() const {
    try {
      EnsembleFile file(target_.path(), EnsembleFile::Access::kRead);
      if (file.text("tollgate_file_type") == "ensemble") return file;
    } catch (const Hdf5Error&) {
      // No HDF5: said below.
    }
    throw OutputError(fmt::format(
        "'{}' is no output of tollgate that could be resumed; name another file with -o",
        target_.path()));
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

  void take_over(const EnsembleFile& shorter) {
    Batch batch(shape_);
    for (std::uint32_t number = 0; number < shorter.shape().batches(); ++number) {
      shorter.read(number, batch);
      run_->save(batch);
    }
  }

  /// The next batch to save; nothing when all is saved and the run has ended.
  std::unique_ptr<Batch> next() {
    std::unique_lock lock(mutex_);
    for (;;) {
      if (!queue_.empty()) {
        std::unique_ptr<Batch> batch = std::move(queue_.front());
        queue_.pop_front();
        room_.notify_all();
        return batch;
      }
      const auto oldest = oldest_movable();
      if (oldest != open_.end() &&
          (is_ending_ || Clock::now() - oldest->second.since >= options_.longest_wait)) {
        room_.notify_all();
        return close(oldest);
      }
      if (is_ending_) return nullptr;
      // Now and then, because time alone makes a batch due.
      work_.wait_for(lock, options_.longest_wait / 4);
    }
  }

  void work() {
    try {
      while (std::unique_ptr<Batch> batch = next()) {
        if (batch->present > 0) {
          run_->save(*batch);
          is_worthless_ = false;
          saved_ += static_cast<std::uint32_t>(batch->present);
        }
        const std::lock_guard lock(mutex_);
        spare_.push_back(std::move(batch));
      }
      if (is_publishing_) {
        run_->finish();
        target_.publish();
        journal_.remove();
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
  const RecordLayout& layout_;
  WriterOptions options_;
  std::uint64_t seed_ = 0;
  std::optional<SavedRun> run_;  ///< the writer's thread's
  BatchShape shape_;             ///< its shape
  std::optional<RecordRows> rows_;
  std::vector<ReplicaStatus> at_start_;
  bool is_worthless_ = true;  ///< no replica is in the journal
  bool is_published_ = false;
  std::atomic<std::uint32_t> saved_{0};

  std::mutex mutex_;
  std::condition_variable room_;  ///< in the queue, or a batch has become movable
  std::condition_variable work_;  ///< in the queue, or the end
  OpenBatches open_;
  std::vector<std::uint32_t> gone_;  ///< rows that need not be waited for any more, by batch
  std::deque<std::unique_ptr<Batch>> queue_;
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
                                     overwrite, options)) {}

EnsembleWriter::~EnsembleWriter() = default;

std::vector<std::uint32_t> EnsembleWriter::missing() const { return state_->missing(); }

void EnsembleWriter::for_each_saved(
    const std::function<void(std::uint32_t, const Record&)>& complete,
    const std::function<void(const ReplicaFailure&)>& failed) const {
  state_->for_each_saved(complete, failed);
}

void EnsembleWriter::add(std::uint32_t replica, const Record& record) {
  state_->add(replica, record);
}

void EnsembleWriter::fail(const ReplicaFailure& failure) { state_->note(failure); }

std::uint32_t EnsembleWriter::saved() const { return state_->saved(); }

void EnsembleWriter::finish() { state_->finish(); }

}  // namespace tollgate
