// SPDX-License-Identifier: Apache-2.0
/// The door: answers with the tables of the engine where OpenVINO can be opened, and with those of
/// an engine that says why not where it cannot.
#include <exception>

#include "library.h"
#include "locate.h"
#include "xpuruntime/engine/export.h"

namespace xpuruntime::openvino {
namespace {

std::exception_ptr& absence() {
  static std::exception_ptr reason;
  return reason;
}

class AbsentEngine : public engine::Engine {
 public:
  static constexpr const char* kName = "openvino";

  const engine::EngineSpec& spec() override { std::rethrow_exception(absence()); }
  std::unique_ptr<engine::Model> load(const engine::LoadArgs&) override {
    std::rethrow_exception(absence());
  }
};

xpurt_plugin_query_fn engine_or_absence() noexcept {
  static const xpurt_plugin_query_fn query = []() noexcept -> xpurt_plugin_query_fn {
    try {
      return open_engine(own_folder());
    } catch (...) {
      absence() = std::current_exception();
      return engine::plugin<AbsentEngine>();
    }
  }();
  return query;
}

}  // namespace
}  // namespace xpuruntime::openvino

extern "C" XPURT_PLUGIN_EXPORT const void* xpurt_plugin_query(const char* interface_name,
                                                              uint32_t major,
                                                              const xpurt_host* host) {
  using namespace xpuruntime;
  const auto version = engine::plugin<openvino::AbsentEngine>()("version", 1, host);
  if (std::string_view(interface_name) == "version" && major == 1) return version;
  if (major != XPURT_ABI_MAJOR) return nullptr;
  engine::host = host;
  return openvino::engine_or_absence()(interface_name, major, host);
}
