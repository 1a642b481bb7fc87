#include "output/saved_run.hpp"

#include <fmt/format.h>

#include <fstream>

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
  status_.assign(shape().replicas(), ReplicaStatus::kNotRun);
  settled_.assign(shape().batches(), 0);
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

void SavedRun::note(const EncodedBatch& encoded, std::uint64_t place) {
  const std::uint32_t first = encoded.number * shape().rows();
  for (std::uint32_t r = 0; r < shape().rows_of(encoded.number); ++r) {
    if (encoded.status[r] == ReplicaStatus::kNotRun) continue;
    if (status_[first + r] == ReplicaStatus::kNotRun) ++settled_[encoded.number];
    status_[first + r] = encoded.status[r];
  }
  for (const Batch::Failure& failure : encoded.failures) {
    failures_[first + failure.row] = failure.message;
  }
  unfinished_[encoded.number].push_back(place);
}

void SavedRun::write_if_full(const EncodedBatch& newest) {
  const std::uint32_t number = newest.number;
  if (settled_[number] < shape().rows_of(number)) return;
  if (unfinished_[number].size() == 1) {
    file_->write(newest);
  } else {
    file_->write(merged(number));
  }
  unfinished_.erase(number);
}

EncodedBatch SavedRun::merged(std::uint32_t number) {
  Batch batch(shape());
  batch.restart(number);
  for (const std::uint64_t place : unfinished_.at(number)) {
    decode_into(parse(journal_.read(place), shape()), codec_, batch);
  }
  EncodedBatch result;
  encode(batch, codec_, result);
  return result;
}

void SavedRun::finish() {
  for (const auto& [number, blocks] : unfinished_) file_->write(merged(number));
  unfinished_.clear();
  std::uint32_t end = shape().replicas();
  while (end > 0 && status_[end - 1] == ReplicaStatus::kNotRun) --end;
  file_->finish(status_, failures_, end);
}

}  // namespace tollgate
