// SPDX-License-Identifier: Apache-2.0
#include "xpuruntime/profiler.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <mutex>
#include <nlohmann/json.hpp>
#include <vector>

#include "profiler_events.h"
#include "xpuruntime/error.h"

namespace xpuruntime {

class Profiler::State {
 public:
  State(size_t max_events, Detail wanted)
      : detail(wanted), max_events_(std::max<size_t>(max_events, 1)) {}

  void add(ProfilerEvent event) {
    const std::lock_guard lock(mutex_);
    if (events_.size() < max_events_) {
      events_.push_back(std::move(event));
    } else {
      events_[next_] = std::move(event);
      next_ = (next_ + 1) % max_events_;
      ++dropped_;
    }
  }
  std::vector<ProfilerEvent> events() const {
    const std::lock_guard lock(mutex_);
    std::vector<ProfilerEvent> events = events_;
    std::ranges::rotate(events, events.begin() + static_cast<ptrdiff_t>(next_));
    return events;
  }
  size_t count() const {
    const std::lock_guard lock(mutex_);
    return events_.size();
  }
  uint64_t dropped() const {
    const std::lock_guard lock(mutex_);
    return dropped_;
  }

  const Detail detail;

 private:
  const size_t max_events_;
  mutable std::mutex mutex_;
  std::vector<ProfilerEvent> events_;
  size_t next_ = 0;  // the oldest, once they are as many as they may be
  uint64_t dropped_ = 0;
};

namespace {

using OrderedJson = nlohmann::ordered_json;

constexpr const char* kNames[] = {"queue", "copy", "run", "node"};  // by ProfilerEvent::Kind

const std::string& name_of(const ProfilerEvent::Node& node) {
  return node.name.empty() ? node.op_type : node.name;
}

double microseconds(std::chrono::nanoseconds time) {
  return static_cast<double>(time.count()) / 1000;
}

/// Trace Event Format: "X" is a span of a thread, "b" and "e" begin and end a span of a job, which
/// waits on no thread.
void write_event(OrderedJson& trace, const ProfilerEvent& event) {
  OrderedJson json{{"name", kNames[static_cast<size_t>(event.kind)]},
                   {"cat", *event.session},
                   {"pid", getpid()},
                   {"tid", event.thread}};
  if (event.job != 0) json["args"]["job"] = event.job;
  if (event.node != nullptr) {
    json["name"] = name_of(*event.node);
    json["args"]["op"] = event.node->op_type;
    if (!event.node->kernel.empty()) json["args"]["kernel"] = event.node->kernel;
  }
  const double begin = microseconds(event.begin.time_since_epoch());
  if (event.kind == ProfilerEvent::Kind::kQueue) {
    json["id"] = event.job;
    json["ph"] = "b";
    json["ts"] = begin;
    trace.push_back(json);
    json["ph"] = "e";
    json["ts"] = microseconds(event.end.time_since_epoch());
    trace.push_back(std::move(json));
    return;
  }
  if (event.kind == ProfilerEvent::Kind::kRun) json["args"]["joined"] = event.joined;
  json["ph"] = "X";
  json["ts"] = begin;
  json["dur"] = microseconds(event.end - event.begin);
  trace.push_back(std::move(json));
}

}  // namespace

void ProfilerAccess::add(Profiler& profiler, ProfilerEvent event) noexcept {
  try {
    event.thread = gettid();
    profiler.state_->add(std::move(event));
  } catch (const std::bad_alloc&) {
    // An event is not worth a run.
  }
}

Profiler::Profiler(size_t max_events, Detail detail)
    : state_(std::make_unique<State>(max_events, detail)) {}
Profiler::~Profiler() = default;

Profiler::Detail Profiler::detail() const noexcept { return state_->detail; }
size_t Profiler::event_count() const { return state_->count(); }
uint64_t Profiler::dropped_count() const { return state_->dropped(); }

void Profiler::write(const std::filesystem::path& path) const {
  OrderedJson trace = OrderedJson::array();
  for (const ProfilerEvent& event : state_->events()) write_event(trace, event);
  const OrderedJson document{{"traceEvents", std::move(trace)},
                             {"displayTimeUnit", "ns"},
                             {"otherData", {{"dropped_events", dropped_count()}}}};
  static std::atomic<uint64_t> files{0};
  const std::string temporary =
      path.string() + "." + std::to_string(getpid()) + "." + std::to_string(++files);
  std::ofstream file(temporary, std::ios::binary);
  file << document.dump(-1, ' ', false, OrderedJson::error_handler_t::replace) << '\n';
  file.close();
  if (file && std::rename(temporary.c_str(), path.c_str()) == 0) return;
  const std::string why = std::strerror(errno);
  std::remove(temporary.c_str());
  throw UnavailableError(path.string() + ": the profile cannot be written: " + why);
}

}  // namespace xpuruntime
