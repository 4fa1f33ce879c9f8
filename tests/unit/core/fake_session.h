// SPDX-License-Identifier: Apache-2.0
/// Sessions on engine "fake", which is linked into the test program.
#pragma once

#include <span>
#include <string_view>

#include "fake_engine.h"
#include "xpuruntime/engine/export.h"
#include "xpuruntime/engine_registry.h"
#include "xpuruntime/session.h"

namespace xpuruntime {

/// The engine's name, registered on the first call.
inline const char* fake_engine() {
  static const char* const name = [] {
    EngineRegistry::instance().register_engine(fake::FakeEngine::kName,
                                               engine::plugin<fake::FakeEngine>());
    return fake::FakeEngine::kName;
  }();
  return name;
}

inline std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

inline InferenceSession open_fake(std::string_view program, SessionConfig config = {}) {
  fake_engine();
  if (config.engine == "auto") config.engine = fake::FakeEngine::kName;
  return InferenceSession(bytes_of(program), config);
}

/// y = 2 x, with rows as many as are given.
inline constexpr std::string_view kScale =
    "fake\n"
    "input x float32 N 2\n"
    "output y float32 N 2\n"
    "y = scale x 2\n"
    "end\n";

/// As kScale, and waits at the gate first.
inline constexpr std::string_view kGatedScale =
    "fake\n"
    "input x float32 N 2\n"
    "output y float32 N 2\n"
    "block\n"
    "y = scale x 2\n"
    "end\n";

/// Two inputs and two outputs, of shapes that are known.
inline constexpr std::string_view kTwo =
    "fake\n"
    "input left float32 2\n"
    "input right float32 2\n"
    "output total float32 2\n"
    "output twice float32 2\n"
    "total = add left right\n"
    "twice = scale left 2\n"
    "end\n";

/// A closed gate, opened again at the end of the test at the latest.
class ClosedGate {
 public:
  ClosedGate() { fake::hooks().gate.close(); }
  ClosedGate(const ClosedGate&) = delete;
  ClosedGate& operator=(const ClosedGate&) = delete;
  ~ClosedGate() { open(); }
  void open() { fake::hooks().gate.open(); }
  void wait_until_waiting(int count) { fake::hooks().gate.wait_until_waiting(count); }
};

}  // namespace xpuruntime
