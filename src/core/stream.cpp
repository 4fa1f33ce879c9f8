// SPDX-License-Identifier: Apache-2.0
#include "xpuruntime/stream.h"

#include <deque>
#include <exception>
#include <utility>

#include "run_inputs.h"
#include "session_jobs.h"
#include "session_state.h"
#include "xpuruntime/error.h"
#include "xpuruntime/session.h"

namespace xpuruntime {

class RunStream::State {
 public:
  State(std::shared_ptr<SessionState> session, NextInput next_input, uint64_t in_flight,
        RunOptions options)
      : session_(std::move(session)),
        next_input_(std::move(next_input)),
        in_flight_(in_flight),
        options_(std::move(options)) {}
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    for (const Entry& entry : entries_) {
      if (entry.job) entry.job->cancel();
    }
  }

  std::optional<NamedTensors> next() {
    fill();
    if (entries_.empty()) return std::nullopt;
    const Entry entry = std::move(entries_.front());
    entries_.pop_front();
    if (entry.error != nullptr) std::rethrow_exception(entry.error);
    return entry.job->wait();
  }

  bool ready(std::chrono::nanoseconds timeout) {
    fill();
    return entries_.empty() || !entries_.front().job || entries_.front().job->done(timeout);
  }

 private:
  /// A run under way, or why there is none.
  struct Entry {
    std::optional<Job> job;
    std::exception_ptr error;
  };

  void fill() {
    while (has_more_ && entries_.size() < in_flight_ && add_one()) {
    }
  }

  /// false: not now.
  bool add_one() {
    try {
      if (!held_back_) held_back_ = next_input_();
    } catch (...) {
      has_more_ = false;
      entries_.push_back({std::nullopt, std::current_exception()});
      return false;
    }
    if (!held_back_) {
      has_more_ = false;
      return false;
    }
    try {
      entries_.push_back(
          {session_->jobs->submit(take_inputs(*session_, *held_back_), options_, nullptr),
           nullptr});
    } catch (const QueueFullError&) {
      if (!entries_.empty()) return false;  // a result makes room
      entries_.push_back({std::nullopt, std::current_exception()});
    } catch (const XpuRuntimeError&) {
      entries_.push_back({std::nullopt, std::current_exception()});
    }
    held_back_.reset();
    return true;
  }

  const std::shared_ptr<SessionState> session_;
  const NextInput next_input_;
  const uint64_t in_flight_;
  const RunOptions options_;
  std::deque<Entry> entries_;
  std::optional<NamedTensors> held_back_;  // an input that the queue had no room for
  bool has_more_ = true;
};

RunStream::RunStream(std::unique_ptr<State> state) : state_(std::move(state)) {}
RunStream::RunStream(RunStream&&) noexcept = default;
RunStream& RunStream::operator=(RunStream&&) noexcept = default;
RunStream::~RunStream() = default;
std::optional<NamedTensors> RunStream::next() { return state_->next(); }
bool RunStream::ready(std::chrono::nanoseconds timeout) { return state_->ready(timeout); }

RunStream InferenceSession::stream(NextInput next_input, uint32_t in_flight,
                                   const RunOptions& options) const {
  const uint64_t most = in_flight != 0 ? in_flight : 2 * uint64_t{report().contexts};
  return RunStream(
      std::make_unique<RunStream::State>(state_, std::move(next_input), most, options));
}

}  // namespace xpuruntime
