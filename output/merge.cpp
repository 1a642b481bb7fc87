#include "output/merge.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <limits>
#include <map>
#include <optional>
#include <utility>

#include "engine/kernel/shell_word.hpp"
#include "output/ensemble_file.hpp"
#include "output/netcdf.hpp"
#include "output/shard_set.hpp"
#include "output/sweep_points.hpp"
#include "output/target_file.hpp"

namespace tollgate {
namespace {

namespace fs = std::filesystem;
using hdf5::check;

/// A shard that goes into the target.
struct Part {
  std::uint32_t number = 0;
  std::string path;
  std::uint64_t first_item = 0;
  std::uint64_t items = 0;
  std::uint64_t digest = 0;
};

/// What all shards have in common.
struct Kind {
  RunIdentity identity;  ///< with no shard
  SweepOrigin origin;    ///< of one of them
  BatchShape shape;
  std::vector<Part> parts;
};

/// Points first .. and replicas first .. of them: a box of items.
struct Box {
  hsize_t point, points, replica, replicas;
};

/// The items first .. end - 1 as three boxes at most.
std::vector<Box> boxes_of(std::uint64_t first, std::uint64_t end, std::uint64_t replicas) {
  std::vector<Box> boxes;
  while (first < end) {
    const std::uint64_t point = first / replicas;
    const std::uint64_t replica = first % replicas;
    if (replica == 0 && end - first >= replicas) {
      boxes.push_back({point, (end - first) / replicas, 0, replicas});
    } else {
      boxes.push_back({point, 1, replica, std::min(replicas - replica, end - first)});
    }
    first += boxes.back().points * boxes.back().replicas;
  }
  return boxes;
}

/// Relative to the folder of `target`, so that both can be moved together. The library takes a
/// percent sign for the beginning of a pattern.
std::string relative_name(const std::string& path, const std::string& target) {
  // Past symbolic links: ".." leads elsewhere behind them.
  const fs::path folder = fs::canonical(fs::absolute(target).parent_path());
  return fs::canonical(path).lexically_proximate(folder).string();
}

std::string without_patterns(const std::string& name) {
  std::string escaped;
  for (const char c : name) escaped += c == '%' ? std::string("%%") : std::string(1, c);
  return escaped;
}

class Merger {
 public:
  explicit Merger(const MergeRequest& request)
      : request_(request), target_(request.target, request.overwrite) {}

  MergeReport run() {
    set_ = find_shards(request_.inputs);
    report_.of = set_.of;
    for (std::uint32_t number = 0; number < set_.of; ++number) look_at(number);
    keep_most_common();
    refuse_faulty();
    if (kind_.parts.empty()) throw OutputError("there is no shard that could be merged");
    if (request_.is_copying) {
      copy();
    } else {
      map();
    }
    // Damage may have shown only now.
    refuse_faulty();
    note_rerun();
    target_.publish();
    return report_;
  }

 private:
  void blame(std::uint32_t number, ShardFault fault, std::string why, bool is_running = false) {
    const auto place = set_.places.find(number);
    std::string file;
    if (place != set_.places.end()) {
      file = place->second.file.empty() ? place->second.journal : place->second.file;
    }
    report_.faulty.push_back({number, fault, std::move(file), std::move(why), is_running});
  }

  // ---- Looking at the shards.

  void look_at(std::uint32_t number) {
    const auto place = set_.places.find(number);
    if (place == set_.places.end()) {
      blame(number, ShardFault::kMissing, "");
    } else if (place->second.file.empty()) {
      look_at_journal(number, place->second.journal);
    } else {
      try {
        look_at_file(number, place->second);
      } catch (const Hdf5Error& error) {
        blame(number, ShardFault::kDamaged, error.what());
      } catch (const OutputError& error) {
        blame(number, ShardFault::kDamaged, error.what());
      }
    }
  }

  void look_at_journal(std::uint32_t number, const std::string& path) {
    std::string why = "nothing saved yet";
    bool is_running = false;
    try {
      const JournalSummary journal = summarise_journal(path);
      why = fmt::format("{} of {} items{}", journal.counts.settled(), journal.counts.planned,
                        journal.is_running ? ", running" : "");
      is_running = journal.is_running;
      if (journal_origin_.command.empty()) journal_origin_ = journal.origin;
    } catch (const std::runtime_error&) {
      // Cut short before it had anything.
    }
    blame(number, ShardFault::kPartial, why, is_running);
  }

  void look_at_file(std::uint32_t number, const ShardPlace& place) {
    const EnsembleFile file(place.file, EnsembleFile::Access::kRead);
    if (!file.is_sweep() || file.shard() != Shard{number, set_.of}) {
      throw OutputError(fmt::format("it says that it is {}",
                                    file.is_sweep() ? "shard " + file.text("shard") : "no sweep"));
    }
    RunIdentity identity = file.identity();
    identity.shard.clear();
    Part part{number, place.file, 0, items_in(file.shape(), file.range()), file.digest()};
    if (part.items > 0) part.first_item = file.shape().first_item(file.range().begin);
    const std::uint64_t settled = count_items(file);
    if (settled < part.items) {
      blame(number, ShardFault::kPartial,
            fmt::format("{} of {} items{}", settled, part.items,
                        place.journal.empty() ? "" : ", running or cut short"));
    }
    auto kind = std::ranges::find_if(kinds_, [&](const Kind& k) {
      return difference(k.identity, identity).empty() && k.shape.fits(file.shape());
    });
    if (kind == kinds_.end()) {
      kinds_.push_back({identity, origin_of(file), file.shape(), {}});
      kind = kinds_.end() - 1;
    }
    kind->parts.push_back(std::move(part));
  }

  /// Items there, by their states; also compares them with what the file says, and the chunks with
  /// their checksums where that is asked for and copying does not do it.
  [[nodiscard]] std::uint64_t count_items(const EnsembleFile& file) const {
    std::uint64_t settled = 0;
    std::uint64_t digest = 0;
    const bool is_reading = request_.is_verifying && !request_.is_copying;
    EncodedBatch encoded;
    for (std::uint64_t block = file.range().begin; block < file.range().end; ++block) {
      if (is_reading) {
        file.read_encoded(block, encoded);
        digest += digest_of(encoded);
      } else {
        file.read_status(block, encoded.status);
      }
      settled += encoded.status.size() - static_cast<std::size_t>(std::ranges::count(
                                             encoded.status, ReplicaStatus::kNotRun));
    }
    if (settled != file.counts().settled()) {
      throw OutputError(
          fmt::format("it has {} items and says {}", settled, file.counts().settled()));
    }
    if (is_reading && digest != file.digest()) throw OutputError("chunks are lost or damaged");
    return settled;
  }

  /// Most shards are of the run that is meant.
  void keep_most_common() {
    if (kinds_.empty()) return;
    const auto most =
        std::ranges::max_element(kinds_, {}, [](const Kind& kind) { return kind.parts.size(); });
    for (const Kind& kind : kinds_) {
      if (&kind == &*most) continue;
      std::string why = difference(kind.identity, most->identity);
      if (why.empty()) why = "  other variables\n";
      for (const Part& part : kind.parts) {
        std::erase_if(report_.faulty,
                      [&](const FaultyShard& f) { return f.number == part.number; });
        blame(part.number, ShardFault::kDifferent, why);
      }
    }
    kind_ = std::move(*most);
    std::ranges::sort(kind_.parts, {}, &Part::number);
  }

  void refuse_faulty() {
    std::ranges::sort(report_.faulty, {}, &FaultyShard::number);
    if (report_.faulty.empty() || request_.is_partial_allowed) return;
    note_rerun();
    throw OutputError(report_.text());
  }

  void note_rerun() {
    std::vector<std::uint32_t> numbers;
    std::vector<std::string> wrong;  // in the way of --resume
    for (const FaultyShard& faulty : report_.faulty) {
      if (faulty.is_running) continue;
      if (!numbers.empty() && numbers.back() == faulty.number) continue;
      numbers.push_back(faulty.number);
      if (faulty.fault == ShardFault::kDamaged || faulty.fault == ShardFault::kDifferent) {
        wrong.push_back(faulty.file);
      }
    }
    report_.rerun.clear();
    if (numbers.empty()) return;
    constexpr std::size_t kMost = 6;
    const auto some = [&](std::size_t size) { return std::min(size, kMost); };
    for (std::size_t i = 0; i < some(wrong.size()); ++i) {
      report_.rerun += fmt::format("rm {}\n", shell_word(wrong[i]));
    }
    if (wrong.size() > kMost)
      report_.rerun += fmt::format("... and {} more\n", wrong.size() - kMost);
    const SweepOrigin& origin = kind_.parts.empty() ? journal_origin_ : kind_.origin;
    const std::string plain = "tollgate sweep " + shell_word(origin.file);
    const std::string command = origin.command.empty() ? "tollgate sweep SWEEP" : origin.command;
    const std::string folder = shell_word(set_.folder.empty() ? "." : set_.folder);
    for (std::size_t i = 0; i < some(numbers.size()); ++i) {
      report_.rerun +=
          fmt::format("{} --shard {}/{} -o {} --resume\n", command, numbers[i], set_.of, folder);
    }
    // The script takes the name of a sweep, and nothing that is laid over it.
    if (numbers.size() > 1 && command == plain) {
      report_.rerun += fmt::format("or as an array: sbatch --array={} array.sbatch {} {} {}\n",
                                   ranges_text(numbers), shell_word(origin.file), folder, set_.of);
    }
  }

  // ---- Making the target.

  /// The target with its dimensions, but for points and items.
  NetcdfFile begin(const NetcdfFile::LayoutOf& layout_of) const {
    const EnsembleFile first(kind_.parts.front().path, EnsembleFile::Access::kRead);
    NetcdfFile netcdf(target_.temporary());
    netcdf.clone_sweep(first.handle(), layout_of);
    write_point_numbers(netcdf.handle());
    return netcdf;
  }

  /// What is along points, and the failures.
  void take_points(const Part& part, const EnsembleFile& file, const hdf5::File& to) {
    failures_.merge(file.failures());
    if (part.items == 0) return;
    const std::uint64_t replicas = kind_.shape.replicas();
    copy_points(file.handle(), to, part.first_item / replicas,
                (part.first_item + part.items - 1) / replicas + 1);
  }

  void copy() {
    begin([](const std::string&) { return std::nullopt; }).close();
    EnsembleFile target(target_.temporary(), EnsembleFile::Access::kWrite);
    EncodedBatch encoded;
    for (const Part& part : kind_.parts) {
      std::uint64_t digest = 0;
      std::string damage;
      try {
        const EnsembleFile file(part.path, EnsembleFile::Access::kRead);
        take_points(part, file, target.handle());
        for (std::uint64_t block = file.range().begin; block < file.range().end; ++block) {
          try {
            file.read_encoded(block, encoded);
          } catch (const OutputError& error) {
            damage = error.what();
            continue;  // the other blocks may be good
          }
          digest += digest_of(encoded);
          target.write(encoded);
        }
      } catch (const Hdf5Error& error) {
        damage = error.what();
      }
      if (damage.empty() && digest != part.digest) damage = "chunks are lost or damaged";
      if (!damage.empty()) blame(part.number, ShardFault::kDamaged, damage);
      ++report_.merged;
    }
    report_.counts = target.written();
    report_.counts.planned = kind_.shape.items();
    target.finish_sweep(failures_);
  }

  void map() {
    std::vector<std::string> names;
    for (const Part& part : kind_.parts) {
      names.push_back(without_patterns(relative_name(part.path, target_.path())));
    }
    const EnsembleFile first(kind_.parts.front().path, EnsembleFile::Access::kRead);
    NetcdfFile netcdf =
        begin([&](const std::string& name) { return mapping(first.handle(), name, names); });
    std::uint64_t digest = 0;
    {
      const hdf5::Dataset status(H5Dopen2(netcdf.handle().get(), "replica_status", H5P_DEFAULT),
                                 "H5Dopen2");
      for (const Part& part : kind_.parts) {
        const EnsembleFile file(part.path, EnsembleFile::Access::kRead);
        take_points(part, file, netcdf.handle());
        copy_status(file, status);
        digest += part.digest;
        ++report_.merged;
      }
    }
    add_table(netcdf);
    if (!failures_.empty()) netcdf.add_failures(failures_);
    netcdf.describe("items_complete", static_cast<std::int64_t>(report_.counts.complete));
    netcdf.describe("items_failed", static_cast<std::int64_t>(report_.counts.failed));
    netcdf.describe("stored_digest", fmt::format("{:016x}", digest));
    netcdf.close();
    report_.counts.planned = kind_.shape.items();
  }

  /// The layout of a variable that is in the shards; states are not mapped but copied.
  [[nodiscard]] std::optional<hdf5::Properties> mapping(
      const hdf5::File& like, const std::string& name,
      const std::vector<std::string>& names) const {
    if (name == "replica_status") return std::nullopt;
    const hdf5::Dataset source(H5Dopen2(like.get(), name.c_str(), H5P_DEFAULT), "H5Dopen2");
    const std::vector<hsize_t> shape = hdf5::shape_of(source);
    hdf5::Properties properties(H5Pcreate(H5P_DATASET_CREATE), "H5Pcreate");
    const hdf5::Type type(H5Dget_type(source.get()), "H5Dget_type");
    if (H5Tget_class(type.get()) == H5T_FLOAT) {
      const double nan = std::numeric_limits<double>::quiet_NaN();
      check(H5Pset_fill_value(properties.get(), H5T_NATIVE_DOUBLE, &nan), "H5Pset_fill_value");
    }
    const hdf5::Space space(H5Screate_simple(static_cast<int>(shape.size()), shape.data(), nullptr),
                            "H5Screate_simple");
    std::vector<hsize_t> start(shape.size(), 0);
    std::vector<hsize_t> count = shape;
    for (std::size_t i = 0; i < names.size(); ++i) {
      const Part& part = kind_.parts[i];
      for (const Box& box :
           boxes_of(part.first_item, part.first_item + part.items, kind_.shape.replicas())) {
        start[0] = box.point;
        count[0] = box.points;
        if (!kind_.shape.summary()) {  // else whole points, and no replicas
          start[1] = box.replica;
          count[1] = box.replicas;
        }
        check(H5Sselect_hyperslab(space.get(), H5S_SELECT_SET, start.data(), nullptr, count.data(),
                                  nullptr),
              "H5Sselect_hyperslab");
        // The same box there: a shard has the shape of the whole.
        check(H5Pset_virtual(properties.get(), space.get(), names[i].c_str(), name.c_str(),
                             space.get()),
              "H5Pset_virtual");
      }
    }
    return properties;
  }

  void copy_status(const EnsembleFile& file, const hdf5::Dataset& to) {
    ChunkCodec codec;
    Bytes chunk;
    std::vector<ReplicaStatus> status;
    for (std::uint64_t block = file.range().begin; block < file.range().end; ++block) {
      file.read_status(block, status);
      const auto count = [&](ReplicaStatus s) {
        return static_cast<std::uint64_t>(std::ranges::count(status, s));
      };
      if (count(ReplicaStatus::kNotRun) == status.size()) continue;
      report_.counts.complete += count(ReplicaStatus::kComplete);
      report_.counts.failed += count(ReplicaStatus::kFailed);
      chunk.clear();
      codec.encode(std::as_bytes(std::span(status)), 1, chunk);
      const std::uint64_t item = file.shape().first_item(block);
      const std::uint64_t replicas = file.shape().replicas();
      const hsize_t place[] = {item / replicas, item % replicas};
      check(H5Dwrite_chunk(to.get(), H5P_DEFAULT, 0, place, chunk.size(), chunk.data()),
            "H5Dwrite_chunk");
    }
  }

  /// Which shards it maps, so that a change of them shows.
  void add_table(NetcdfFile& netcdf) const {
    std::vector<std::int64_t> numbers;
    std::vector<std::int64_t> bytes;
    std::vector<std::int64_t> first_items;
    std::vector<std::int64_t> items;
    std::vector<std::string> names;
    std::vector<std::string> digests;
    for (const Part& part : kind_.parts) {
      numbers.push_back(part.number);
      bytes.push_back(static_cast<std::int64_t>(fs::file_size(part.path)));
      first_items.push_back(static_cast<std::int64_t>(part.first_item));
      items.push_back(static_cast<std::int64_t>(part.items));
      names.push_back(relative_name(part.path, target_.path()));
      digests.push_back(fmt::format("{:016x}", part.digest));
    }
    netcdf.describe("shards", std::int64_t{report_.of});
    netcdf.add_number_axis("shard", numbers, "Shard that is mapped");
    netcdf.add_texts("shard_file", "shard", names, "File, from the folder of this one");
    netcdf.add_numbers("shard_bytes", "shard", bytes, "bytes", "Size of the file");
    netcdf.add_numbers("shard_first_item", "shard", first_items, "1", "First item");
    netcdf.add_numbers("shard_items", "shard", items, "1", "Items");
    netcdf.add_texts("shard_digest", "shard", digests, "Digest of the chunks");
  }

  const MergeRequest& request_;
  TargetFile target_;
  ShardSet set_;
  std::vector<Kind> kinds_;
  Kind kind_;  ///< that of the target
  std::map<std::uint64_t, std::string> failures_;
  SweepOrigin journal_origin_;  ///< for when there are journals only
  MergeReport report_;
};

}  // namespace

std::string MergeReport::text() const {
  std::string result = fmt::format("{} of {} shards are complete", of - faulty_shards(), of);
  constexpr std::pair<ShardFault, const char*> kWords[] = {
      {ShardFault::kMissing, "missing"},
      {ShardFault::kPartial, "not finished"},
      {ShardFault::kDamaged, "damaged"},
      {ShardFault::kDifferent, "of another run"}};
  constexpr std::size_t kMost = 5;
  for (const auto& [fault, word] : kWords) {
    std::vector<const FaultyShard*> these;
    std::vector<std::uint32_t> numbers;
    for (const FaultyShard& one : faulty) {
      if (one.fault != fault) continue;
      these.push_back(&one);
      numbers.push_back(one.number);
    }
    if (these.empty()) continue;
    result += fmt::format("\n  {} {}: {}", these.size(), word, ranges_text(numbers));
    for (std::size_t i = 0; i < std::min(kMost, these.size()); ++i) {
      if (these[i]->why.empty()) continue;
      if (fault == ShardFault::kDifferent) {
        result += fmt::format("\n    {} differs from most:\n{}", these[i]->file, these[i]->why);
        result.pop_back();  // the end of the line
        break;              // the others are like it
      }
      result += fmt::format("\n    {}: {}", these[i]->number, these[i]->why);
    }
    if (fault != ShardFault::kMissing && these.size() > kMost) result += "\n    ...";
  }
  if (counts.failed > 0) {
    result += fmt::format("\n  {} of {} replicas failed; `failure_message` says why", counts.failed,
                          counts.settled());
  }
  if (!rerun.empty()) result += "\nTo run what is missing:\n" + rerun;
  return result;
}

std::uint32_t MergeReport::faulty_shards() const {
  std::vector<std::uint32_t> numbers;
  for (const FaultyShard& one : faulty) numbers.push_back(one.number);
  numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
  return static_cast<std::uint32_t>(numbers.size());
}

MergeReport merge_shards(const MergeRequest& request) {
  hdf5::silence();
  try {
    return Merger(request).run();
  } catch (const Hdf5Error& error) {
    throw OutputError(fmt::format("cannot write '{}': {}", request.target, error.what()));
  }
}

}  // namespace tollgate
