#include "output/saved_run.hpp"

#include <fmt/format.h>

#include <fstream>
#include <numeric>
#include <utility>

namespace tollgate {
namespace {

void write_image(const Bytes& image, const std::string& path) {
  std::ofstream out(path, std::ios::binary);
  out.write(reinterpret_cast<const char*>(image.data()),
            static_cast<std::streamsize>(image.size()));
  out.close();
  if (!out) throw OutputError(fmt::format("cannot write '{}'", path));
}

}  // namespace

SavedRun::SavedRun(Journal& journal, const TargetFile& target) : journal_(journal) {
  write_image(journal.read(0), target.temporary());
  file_.emplace(target.temporary(), EnsembleFile::Access::kWrite);
  range_ = file_->range();
  if (!file_->is_sweep()) status_.assign(shape().replicas(), ReplicaStatus::kNotRun);
  settled_.assign(range_.size(), 0);
}

void SavedRun::replay() {
  journal_.for_each([this](std::uint64_t place, const Bytes& payload) {
    if (place == 0) return;  // the file image
    encoded_ = parse(payload, shape());
    note(encoded_, place);
    write_if_full(encoded_);
  });
}

void SavedRun::visit(const std::function<void(const Batch&)>& visit) const {
  ChunkCodec codec;
  Batch batch(shape());
  journal_.for_each([&](std::uint64_t place, const Bytes& payload) {
    if (place == 0) return;
    const EncodedBatch encoded = parse(payload, shape());
    batch.restart(encoded.number);
    decode_into(encoded, codec, batch);
    visit(batch);
  });
}

void SavedRun::save(Batch& batch) {
  encode(batch, codec_, encoded_);
  note(encoded_, journal_.append(serialise(encoded_)));
  write_if_full(encoded_);
}

void SavedRun::save(EncodedBatch&& encoded) {
  encoded_ = std::move(encoded);
  note(encoded_, journal_.append(serialise(encoded_)));
  write_if_full(encoded_);
}

std::uint64_t SavedRun::settled() const {
  return std::accumulate(settled_.begin(), settled_.end(), std::uint64_t{0});
}

std::vector<ReplicaStatus> SavedRun::status_of(std::uint64_t block) const {
  std::vector<ReplicaStatus> status(shape().rows(), ReplicaStatus::kNotRun);
  const auto frames = unfinished_.find(block);
  if (frames == unfinished_.end()) return status;
  for (const std::uint64_t place : frames->second) {
    const EncodedBatch encoded = parse(journal_.read(place), shape());
    for (std::size_t r = 0; r < status.size(); ++r) {
      if (encoded.status[r] != ReplicaStatus::kNotRun) status[r] = encoded.status[r];
    }
  }
  return status;
}

void SavedRun::note(const EncodedBatch& encoded, std::uint64_t place) {
  if (!range_.has(encoded.number)) {
    throw OutputError(fmt::format("'{}' has a block that is not its own", journal_.path()));
  }
  // Frames of one block have no item in common: an item is run when no frame has it.
  const std::uint64_t first = shape().first_item(encoded.number);
  for (std::uint32_t r = 0; r < shape().rows_of(encoded.number); ++r) {
    if (encoded.status[r] == ReplicaStatus::kNotRun) continue;
    ++settled_[encoded.number - range_.begin];
    if (!status_.empty()) status_[first + r] = encoded.status[r];
  }
  for (const Batch::Failure& failure : encoded.failures) {
    failures_[first + failure.row] = failure.message;
  }
  unfinished_[encoded.number].push_back(place);
}

void SavedRun::write_if_full(const EncodedBatch& newest) {
  const std::uint64_t number = newest.number;
  if (settled(number) < shape().rows_of(number)) return;
  if (unfinished_[number].size() == 1) {
    file_->write(newest);
  } else {
    file_->write(merged(number));
  }
  unfinished_.erase(number);
}

EncodedBatch SavedRun::merged(std::uint64_t number) {
  Batch batch(shape());
  batch.restart(number);
  for (const std::uint64_t place : unfinished_.at(number)) {
    decode_into(parse(journal_.read(place), shape()), codec_, batch);
  }
  EncodedBatch result;
  encode_columns(batch, codec_, result);
  return result;
}

void SavedRun::finish() {
  for (const auto& [number, blocks] : unfinished_) file_->write(merged(number));
  unfinished_.clear();
  if (file_->is_sweep()) {
    file_->finish_sweep(failures_);
    return;
  }
  std::uint32_t end = shape().replicas();
  while (end > 0 && status_[end - 1] == ReplicaStatus::kNotRun) --end;
  file_->finish(status_, failures_, end);
}

}  // namespace tollgate
