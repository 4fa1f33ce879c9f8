// SPDX-License-Identifier: Apache-2.0
#include "error_names.h"

#include <algorithm>
#include <iterator>

namespace xpuruntime::worker {
namespace {

struct Row {
  int32_t code;
  std::string_view name;
};

constexpr Row kTable[] = {
#define XPURT_ERROR(name, base, code, exit_code, http, grpc) {code, #name},
#include "xpuruntime/error_table.inc"
#undef XPURT_ERROR
};

}  // namespace

std::string_view error_class_of(int32_t code) {
  const auto* const found = std::ranges::find(kTable, code, &Row::code);
  return found != std::end(kTable) ? found->name : "InternalError";
}

int32_t error_code_of(std::string_view error_class) {
  const auto* const found = std::ranges::find(kTable, error_class, &Row::name);
  return found != std::end(kTable) ? found->code : error_code_of("EngineError");
}

}  // namespace xpuruntime::worker
