// SPDX-License-Identifier: Apache-2.0
/// One run of a fake program: its steps, and the three ways its results reach the sink.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "operators.h"
#include "program.h"
#include "stream.h"
#include "xpuruntime/engine/engine.h"

namespace xpuruntime::fake {

/// What the options of a load said.
struct Settings {
  bool report_copies = false;
  int64_t reserve_steps = 0;
  double headroom = 2.0;
  bool give_outputs = false;
};

struct LoadedProgram {
  Program program;
  Settings settings;
};

/// Shared by its context, which may cancel it, and the thread that does it.
class Run : public std::enable_shared_from_this<Run> {
 public:
  /// Looks at the inputs: throws XPURT_INVALID_ARGUMENT when they are not what the model declares.
  Run(std::shared_ptr<const LoadedProgram> loaded, std::shared_ptr<Values> state,
      const engine::RunArgs& args);
  ~Run();
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;

  uint64_t id() const { return id_; }
  void cancel();

  /// Does all steps here; results reach the sink one by one.
  void now(const engine::RunArgs& args);
  /// Puts the steps into `stream`. Results are committed at once and written later; only where a
  /// shape depends on data is the stream waited for.
  void enqueue(const engine::RunArgs& args, Stream& stream);

 private:
  enum class Home { kInner, kHost, kOwn, kInput, kModel };
  struct Place {
    Home home = Home::kInner;
    int output = -1;
    Array array;
  };

  void enqueue_after_data(const engine::RunArgs& args, Stream& stream);
  Array compute_apart(const Step& step);
  void take_input(const engine::RunArgs& args, uint32_t i);
  void check_alive() const;
  void act(const Step& step) const;
  Place place(const Step& step, Array meta, const engine::RunArgs& args) const;
  std::byte* reserve(const engine::RunArgs& args, uint32_t output, uint64_t bytes) const;
  void publish(const Place& place, const engine::RunArgs& args) const;
  int output_of(const std::string& result) const;

  std::shared_ptr<const LoadedProgram> loaded_;
  std::shared_ptr<Values> state_;
  Values values_;
  std::map<std::string, uint32_t> input_flags_;
  uint64_t id_;
  int64_t deadline_ns_;
  std::atomic<bool> cancelled_{false};
};

}  // namespace xpuruntime::fake
