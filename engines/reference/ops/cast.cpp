// SPDX-License-Identifier: Apache-2.0
#include "ops.h"

namespace xpuruntime::reference {
namespace {

template <typename To, typename From>
void convert_elements(const From* from, To* to, int64_t count) {
  for (int64_t i = 0; i < count; ++i) {
    if constexpr (kIsFloat<From>) {
      to[i] = float_to<To>(widen(from[i]));
    } else {
      to[i] = narrow<To>(widen(from[i]));
    }
  }
}

}  // namespace

void convert(const Call& call, const Tensor& from, Tensor& to) {
  call.dispatch(from.dtype(), AllTypes{}, [&]<typename From>() {
    call.dispatch(to.dtype(), AllTypes{}, [&]<typename To>() {
      convert_elements(from.values<From>(), to.values<To>(), from.size());
    });
  });
}

/// ONNX leaves open what a float beyond an integer's range becomes: see float_to().
void cast(Call& call) {
  const Tensor& x = call.input(0);
  const auto to = static_cast<DType>(call.int_or("to", 0));
  if (!is_supported(to)) call.unsupported(to);
  if (to == x.dtype()) return call.output_view(0, x);
  convert(call, x, call.output(0, to, x.shape()));
}

}  // namespace xpuruntime::reference
