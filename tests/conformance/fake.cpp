// SPDX-License-Identifier: Apache-2.0
/// The fake engine, which has every feature: as it is, and with all outputs in its own buffers.
#include "fake_models.h"

namespace xpuruntime::conformance {
namespace {

EngineUnderTest fake_engine() { return fake_under_test({{"reserve_steps", "2"}}); }

EngineUnderTest giving_engine() {
  EngineUnderTest engine = fake_under_test({{"outputs", "give"}});
  engine.lacks[Feature::kReserve] = "with outputs=give it asks the host for no memory";
  return engine;
}

}  // namespace
}  // namespace xpuruntime::conformance

XPURT_CONFORMANCE(fake, xpuruntime::conformance::fake_engine);
XPURT_CONFORMANCE(fake_giving, xpuruntime::conformance::giving_engine);
