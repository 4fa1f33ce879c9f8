// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ops.h"

namespace xpuruntime::reference {

/// y = function(x), in double for floats and in the type itself for integers.
template <typename TypeList, typename Function>
void map(Call& call, TypeList types, Function function) {
  const Tensor& x = call.input(0);
  Tensor& y = call.output(0, x.dtype(), x.shape());
  call.dispatch(x.dtype(), types, [&]<typename T>() {
    const T* from = x.values<T>();
    T* to = y.values<T>();
    for (int64_t i = 0; i < x.size(); ++i) to[i] = narrow<T>(function(widen(from[i])));
  });
}

}  // namespace xpuruntime::reference
