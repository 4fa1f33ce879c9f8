// SPDX-License-Identifier: Apache-2.0
#include "segments.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <algorithm>
#include <bit>
#include <map>
#include <mutex>
#include <new>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "error.h"

namespace xpuruntime::worker {
namespace {

using Json = nlohmann::json;

constexpr size_t kMostSegments = 4096;
constexpr uint64_t kSmallest = uint64_t{1} << 16;
/// Free segments of ours that are kept for what comes next.
constexpr size_t kMostFree = 8;
constexpr uint64_t kMostFreeBytes = uint64_t{256} << 20;

Descriptor make_memory(uint64_t bytes) {
  Descriptor memory(memfd_create("xpuruntime-payload", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!memory) throw_errno("memfd_create");
  if (ftruncate(memory.get(), static_cast<off_t>(bytes)) != 0) throw std::bad_alloc();
  if (fcntl(memory.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW) != 0)
    throw_errno("F_ADD_SEALS");
  return memory;
}

/// A peer that could shrink it could kill us by it.
void check_memory(int descriptor, uint64_t bytes) {
  const int seals = fcntl(descriptor, F_GET_SEALS);
  if (seals < 0 || (seals & F_SEAL_SHRINK) == 0) {
    throw BadFrame("a segment is not memory that is sealed against shrinking");
  }
  struct stat facts{};
  if (fstat(descriptor, &facts) != 0 || static_cast<uint64_t>(facts.st_size) != bytes) {
    throw BadFrame("a segment is not as long as the frame says: " + std::to_string(bytes));
  }
}

std::vector<uint64_t> ids_in(const Json& notes, const char* name) {
  const auto found = notes.find(name);
  if (found == notes.end()) return {};
  return found->get<std::vector<uint64_t>>();
}

}  // namespace

/// Memory that is mapped as long as this lives.
class Mapping {
 public:
  Mapping(int descriptor, uint64_t bytes, bool writable) : bytes_(bytes) {
    const int protection = writable ? PROT_READ | PROT_WRITE : PROT_READ;
    data_ = mmap(nullptr, bytes, protection, MAP_SHARED, descriptor, 0);
    if (data_ == MAP_FAILED) throw_errno("mmap of " + std::to_string(bytes) + " shared bytes");
  }
  ~Mapping() { munmap(data_, bytes_); }
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;
  std::byte* data() const noexcept { return static_cast<std::byte*>(data_); }
  uint64_t bytes() const noexcept { return bytes_; }

 private:
  void* data_;
  uint64_t bytes_;
};

struct Segments::State {
  struct Own {
    uint64_t id = 0;
    Descriptor memory;  ///< until the peer has it
    std::unique_ptr<Mapping> mapping;
    bool is_used = false;  ///< by a block of ours
    bool is_lent = false;  ///< the peer has not released it
  };
  class OwnBlock;
  class PeersBlock;

  bool lends = false;
  mutable std::mutex mutex;
  uint64_t last_id = 0;
  std::map<uint64_t, std::shared_ptr<Own>> own;
  std::map<uint64_t, std::shared_ptr<Mapping>> peers;
  std::vector<uint64_t> released;  ///< of the peer's, to be said
  std::vector<uint64_t> closed;    ///< of ours, to be said

  std::shared_ptr<Own> take_free(uint64_t bytes) {
    std::shared_ptr<Own> best;
    for (auto& [id, each] : own) {
      if (each->is_used || each->is_lent || each->mapping->bytes() < bytes) continue;
      if (best == nullptr || each->mapping->bytes() < best->mapping->bytes()) best = each;
    }
    return best;
  }

  /// The oldest go while more are free than are worth it.
  void drop_surplus() {
    std::vector<uint64_t> free;
    uint64_t bytes = 0;
    for (const auto& [id, each] : own) {
      if (each->is_used || each->is_lent) continue;
      free.push_back(id);
      bytes += each->mapping->bytes();
    }
    for (size_t i = 0; i < free.size(); ++i) {
      if (free.size() - i <= kMostFree && bytes <= kMostFreeBytes) return;
      const auto found = own.find(free[i]);
      bytes -= found->second->mapping->bytes();
      if (!found->second->memory) closed.push_back(free[i]);  // the peer knows it
      own.erase(found);
    }
  }
};

/// A piece of a segment of ours.
class Segments::State::OwnBlock : public Block {
 public:
  OwnBlock(std::shared_ptr<State> state, std::shared_ptr<Own> segment, uint64_t bytes)
      : Block({segment->mapping->data(), static_cast<size_t>(bytes)}),
        state_(std::move(state)),
        segment_(std::move(segment)) {}
  ~OwnBlock() override {
    const std::lock_guard lock(state_->mutex);
    segment_->is_used = false;
    state_->drop_surplus();
  }
  Own& segment() const noexcept { return *segment_; }

 private:
  std::shared_ptr<State> state_;
  std::shared_ptr<Own> segment_;
};

/// A payload in a segment of the peer's, which is told when we are done with it.
class Segments::State::PeersBlock : public Block {
 public:
  PeersBlock(std::shared_ptr<State> state, uint64_t id, std::shared_ptr<Mapping> mapping,
             std::span<std::byte> bytes)
      : Block(bytes), state_(std::move(state)), mapping_(std::move(mapping)), id_(id) {}
  ~PeersBlock() override {
    if (state_->lends) return;  // the peer knows it by our answer
    const std::lock_guard lock(state_->mutex);
    try {
      state_->released.push_back(id_);
    } catch (const std::bad_alloc&) {
      // The peer makes another segment.
    }
  }

 private:
  std::shared_ptr<State> state_;
  std::shared_ptr<Mapping> mapping_;
  uint64_t id_;
};

Segments::Segments(bool lends) : state_(std::make_shared<State>()) { state_->lends = lends; }
Segments::~Segments() = default;

std::shared_ptr<Block> Segments::allocate(uint64_t bytes) {
  const std::lock_guard lock(state_->mutex);
  auto segment = state_->take_free(bytes);
  if (segment == nullptr) {
    if (state_->own.size() >= kMostSegments || bytes > kMaxPayloadBytes) throw std::bad_alloc();
    segment = std::make_shared<State::Own>();
    const uint64_t whole = std::bit_ceil(std::max(bytes, kSmallest));
    segment->memory = make_memory(whole);
    segment->mapping = std::make_unique<Mapping>(segment->memory.get(), whole, true);
    segment->id = ++state_->last_id;
    state_->own.emplace(segment->id, segment);
  }
  auto block = std::make_shared<State::OwnBlock>(state_, segment, bytes);
  segment->is_used = true;
  return block;
}

Place Segments::place_of(const Block& block) const {
  const auto* const own = dynamic_cast<const State::OwnBlock*>(&block);
  if (own == nullptr) throw BadFrame("the payload is not one that this channel allocated");
  return {own->segment().id, own->segment().mapping->bytes(), 0};
}

Descriptor Segments::begin_sending(const Block& block) {
  const auto& own = dynamic_cast<const State::OwnBlock&>(block);
  const std::lock_guard lock(state_->mutex);
  own.segment().is_lent = state_->lends;
  return std::move(own.segment().memory);
}

bool Segments::knows(uint64_t segment) const {
  const std::lock_guard lock(state_->mutex);
  return state_->peers.contains(segment);
}

std::shared_ptr<Block> Segments::open(const Place& place, uint64_t bytes, Descriptor descriptor) {
  const std::lock_guard lock(state_->mutex);
  auto found = state_->peers.find(place.segment);
  if (found == state_->peers.end()) {
    if (!descriptor) {
      throw BadFrame("segment " + std::to_string(place.segment) +
                     " is not known, and no descriptor of it came");
    }
    if (state_->peers.size() >= kMostSegments)
      throw BadFrame("the other side has too many segments");
    check_memory(descriptor.get(), place.segment_bytes);
    // A worker's output is its user's; a parent's input nobody writes.
    auto mapping = std::make_shared<Mapping>(descriptor.get(), place.segment_bytes, !state_->lends);
    found = state_->peers.emplace(place.segment, std::move(mapping)).first;
  } else if (found->second->bytes() != place.segment_bytes) {
    throw BadFrame("segment " + std::to_string(place.segment) + " had another length before");
  }
  const auto& mapping = found->second;
  return std::make_shared<State::PeersBlock>(
      state_, place.segment, mapping,
      std::span(mapping->data() + place.offset, static_cast<size_t>(bytes)));
}

std::string Segments::take_notes() {
  std::vector<uint64_t> released, closed;
  {
    const std::lock_guard lock(state_->mutex);
    if (state_->released.empty() && state_->closed.empty()) return "";
    released.swap(state_->released);
    closed.swap(state_->closed);
  }
  Json notes = Json::object();
  if (!released.empty()) notes["released"] = released;
  if (!closed.empty()) notes["closed"] = closed;
  return notes.dump();
}

void Segments::take_notes_of_peer(const std::string& json) {
  std::vector<uint64_t> released, closed;
  try {
    const Json notes = Json::parse(json);
    released = ids_in(notes, "released");
    closed = ids_in(notes, "closed");
  } catch (const Json::exception& error) {
    throw BadFrame(std::string("message segments: ") + error.what());
  }
  const std::lock_guard lock(state_->mutex);
  for (const uint64_t id : released) {
    if (const auto found = state_->own.find(id); found != state_->own.end()) {
      found->second->is_lent = false;
    }
  }
  for (const uint64_t id : closed) state_->peers.erase(id);
  state_->drop_surplus();
}

}  // namespace xpuruntime::worker
