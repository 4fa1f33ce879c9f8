// SPDX-License-Identifier: Apache-2.0
/// Declares the polynomial engine to xpuruntime's conformance suite.
#include "engine_under_test.h"

namespace xpuruntime::conformance {
namespace {

Example example(const std::vector<float>& x, const std::vector<float>& y) {
  const auto count = static_cast<int64_t>(x.size());
  return {{Tensor::of<float>({count}, x)}, {Tensor::of<float>({count}, y)}};
}

EngineUnderTest polynomial() {
  const TestModel half_square{
      "half_square",
      Source::path(POLYNOMIAL_MODEL),
      {{"x", XPURT_FLOAT, {-1}}},
      {{"y", XPURT_FLOAT, {-1}}},
      {example({0, 1, 2}, {1, 1.5, 3}), example({-4}, {9}), example({}, {})}};
  return {.name = "polynomial",
          .plugin = Plugin::open(POLYNOMIAL_PLUGIN),
          .models = {half_square},
          .malformed = {{"words", Source::bytes("one two")}, {"mixed", Source::bytes("1 2 x")}},
          .lacks = {{Feature::kDataDependent, "y has the shape of x"},
                    {Feature::kGive, "it writes into the host's memory"},
                    {Feature::kFailing, "no run with a right input fails"},
                    {Feature::kCancel, "its runs are short"},
                    {Feature::kDeadline, "its runs are short"},
                    {Feature::kStart, "it has no asynchronous runs"},
                    {Feature::kState, "polynomials keep no state"},
                    {Feature::kSave, "the text is small enough"},
                    {Feature::kProgress, "its loads are short"},
                    {Feature::kInnerValues, "there are none"},
                    {Feature::kStreams, "it runs on the CPU"}}};
}

}  // namespace
}  // namespace xpuruntime::conformance

XPURT_CONFORMANCE(polynomial, xpuruntime::conformance::polynomial);
