/// Replicas on a worker's heap, in a program of their own that counts calls of malloc.
#include "engine/kernel/replica_heap.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "scenarios/loader.hpp"
#include "scenarios/scenario_worker.hpp"
#include "tests/mallocs.hpp"

using namespace tollgate;
using tests::mallocs;

TEST_CASE("the counter counts: a vector outside a scope is a call of malloc") {
  const std::size_t before = mallocs();
  const std::vector<int> numbers(1000);
  CHECK(mallocs() == before + 1);
}

TEST_CASE("blocks given back are taken again without malloc") {
  ReplicaHeap heap;
  const ReplicaHeap::Scope scope(heap);
  const auto use = [] {
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < 500; ++i) texts.emplace_back(i, 'x');
    const std::vector<double> large(1'000'000);
    for (std::size_t i = 0; i < 500; ++i) REQUIRE(texts[i] == std::string(i, 'x'));
    CHECK(reinterpret_cast<std::uintptr_t>(large.data()) % 16 == 0);
  };
  use();
  const std::size_t bytes = heap.bytes();
  const std::size_t before = mallocs();
  for (int i = 0; i < 10; ++i) use();
  CHECK(mallocs() == before);
  CHECK(heap.bytes() == bytes);
  CHECK(heap.blocks() == 0);
}

TEST_CASE("a block may be given back outside the scope, by another thread, after the heap") {
  std::vector<std::string> texts;
  {
    ReplicaHeap heap;
    std::vector<std::string> inside;
    {
      const ReplicaHeap::Scope scope(heap);
      for (int i = 0; i < 100; ++i) inside.emplace_back(100, 'x');
    }
    CHECK(heap.blocks() == 101);  // and the vector's own
    inside.resize(60);
    CHECK(heap.blocks() == 61);
    std::thread([&] { inside.resize(30); }).join();
    CHECK(heap.blocks() == 31);
    texts = std::move(inside);
  }
  CHECK(texts[29] == std::string(100, 'x'));
}

TEST_CASE("a block may be aligned as its type asks") {
  struct alignas(64) Line {
    double numbers[8];
  };
  ReplicaHeap heap;
  std::vector<std::unique_ptr<Line>> lines;
  lines.reserve(100);
  const auto fill = [&] {
    for (int i = 0; i < 50; ++i) {
      lines.push_back(std::make_unique<Line>());
      REQUIRE(reinterpret_cast<std::uintptr_t>(lines.back().get()) % 64 == 0);
    }
  };
  fill();  // of malloc
  CHECK(heap.blocks() == 0);
  const ReplicaHeap::Scope scope(heap);
  fill();
  lines.clear();
  CHECK(heap.blocks() == 0);
}

TEST_CASE("threads give back each other's blocks while both work") {
  ReplicaHeap heap;
  std::vector<std::unique_ptr<std::string>> texts(20'000);
  {
    const ReplicaHeap::Scope scope(heap);
    for (auto& text : texts) text = std::make_unique<std::string>(40, 'x');
  }
  std::thread other([&] {
    for (std::size_t i = 0; i < texts.size(); i += 2) texts[i].reset();
  });
  {
    const ReplicaHeap::Scope scope(heap);
    for (std::size_t i = 1; i < texts.size(); i += 2) {
      texts[i].reset();
      texts[i] = std::make_unique<std::string>(40, 'y');
    }
  }
  other.join();
  CHECK(heap.blocks() == texts.size());
  for (std::size_t i = 1; i < texts.size(); i += 2) REQUIRE(*texts[i] == std::string(40, 'y'));
}

namespace {

/// Runs some replicas twice; calls of malloc the second time.
std::size_t mallocs_of_second_pass(const Scenario& scenario) {
  const WorldLayout layout(scenario.world);
  ScenarioWorker worker(scenario, layout, 1);
  for (std::uint32_t replica = 0; replica < 3; ++replica) (void)worker.run(replica);
  const std::size_t before = mallocs();
  for (std::uint32_t replica = 0; replica < 3; ++replica) (void)worker.run(replica);
  return mallocs() - before;
}

}  // namespace

TEST_CASE("after warm-up a replica of a shipped scenario allocates nothing") {
  CHECK(mallocs_of_second_pass(load_scenario("h200-levy", {"run.until=2026-07-01"})) == 0);
}

TEST_CASE("after warm-up a replica without a policy allocates nothing") {
  CHECK(mallocs_of_second_pass(load_scenario("world-2022", {"run.until=2023-01-01"})) == 0);
}

TEST_CASE("further replicas allocate only where they need more than all before them") {
  const Scenario scenario = load_scenario("h200-levy", {"run.until=2025-12-01"});
  const WorldLayout layout(scenario.world);
  ScenarioWorker worker(scenario, layout, 1);
  for (std::uint32_t replica = 0; replica < 10; ++replica) (void)worker.run(replica);
  const std::size_t before = mallocs();
  for (std::uint32_t replica = 10; replica < 30; ++replica) (void)worker.run(replica);
  // A chunk here and there, not some per replica.
  CHECK(mallocs() - before < 20);
}
