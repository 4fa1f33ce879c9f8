// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>

#include "command_line.h"
#include "output.h"
#include "toolkit/devices.h"
#include "toolkit/terminal.h"
#include "toolkit/text_table.h"
#include "toolkit/units.h"

namespace xpuruntime::xpurt {
namespace {

using toolkit::DeviceFacts;
using toolkit::DeviceTest;
using toolkit::DeviceTestResult;
using toolkit::word_of;

Json device_json(const DeviceFacts& facts) {
  Json tests = Json::array();
  for (const DeviceTest& test : facts.tests) {
    tests.push_back(
        {{"engine", test.engine}, {"result", word_of(test.result)}, {"reason", test.reason}});
  }
  return {{"device", to_string(facts.device)},
          {"name", facts.name},
          {"driver", facts.driver},
          {"memory_bytes", facts.memory_bytes},
          {"free_bytes", facts.free_bytes},
          {"compute_capability", facts.compute_capability},
          {"cores", facts.cores},
          {"cpu_quota", facts.cpu_quota ? Json(*facts.cpu_quota) : Json(nullptr)},
          {"features", facts.features},
          {"tests", tests},
          {"fit", facts.is_fit()}};
}

std::string details_of(const DeviceFacts& facts) {
  std::string text;
  const auto add = [&](const std::string& words) { text += (text.empty() ? "" : ", ") + words; };
  if (facts.cores > 0) add(std::to_string(facts.cores) + " cores");
  if (facts.cpu_quota) add("quota of " + toolkit::format_rate(*facts.cpu_quota));
  for (const std::string& feature : facts.features) add(feature);
  if (!facts.driver.empty()) add("driver " + facts.driver);
  if (!facts.compute_capability.empty()) add("compute capability " + facts.compute_capability);
  return text.empty() ? "-" : toolkit::printable(text);
}

std::string memory_of(const DeviceFacts& facts) {
  if (facts.memory_bytes == 0) return "-";
  const std::string total = toolkit::format_bytes(facts.memory_bytes);
  return facts.free_bytes == 0 ? total : toolkit::format_bytes(facts.free_bytes) + " of " + total;
}

std::string devices_text(const std::vector<DeviceFacts>& devices, const toolkit::Style& style) {
  using toolkit::Align;
  toolkit::TextTable table({Align::kLeft, Align::kLeft, Align::kLeft, Align::kLeft});
  table.set_header({"device", "free memory", "name", "details"});
  toolkit::TextTable tests({Align::kLeft, Align::kLeft, Align::kLeft, Align::kLeft});
  tests.set_header({"device", "engine", "test", ""});
  for (const DeviceFacts& facts : devices) {
    const std::string device = to_string(facts.device);
    table.add_row({device, memory_of(facts),
                   facts.name.empty() ? "-" : toolkit::printable(facts.name), details_of(facts)});
    if (facts.tests.empty())
      tests.add_row({device, "-", "no engine that is installed uses it", ""});
    for (const DeviceTest& test : facts.tests) {
      const std::string word = word_of(test.result);
      const bool failed = test.result == DeviceTestResult::kFailed;
      const bool passed = test.result == DeviceTestResult::kPassed;
      tests.add_row({device, toolkit::printable(test.engine),
                     failed   ? style.red(word)
                     : passed ? style.green(word)
                              : word,
                     toolkit::printable(test.reason)});
    }
  }
  const size_t width = toolkit::terminal_width(stdout);
  const DeviceFacts* best = toolkit::best_gpu(devices);
  return table.text(width, style) + "\n" + tests.text(width, style) +
         (best != nullptr ? "\nbest GPU: " + to_string(best->device) + "\n" : "");
}

int run_devices(bool json) {
  const std::vector<DeviceFacts> devices = toolkit::find_devices();
  if (json) {
    Json list = Json::array();
    for (const DeviceFacts& facts : devices) list.push_back(device_json(facts));
    const DeviceFacts* best = toolkit::best_gpu(devices);
    print_json({{"devices", list},
                {"best_gpu", best != nullptr ? Json(to_string(best->device)) : Json(nullptr)}});
  } else {
    print(devices_text(devices, toolkit::Style::of(stdout)));
  }
  const bool any_failed = std::ranges::any_of(devices, [](const DeviceFacts& facts) {
    return std::ranges::find(facts.tests, DeviceTestResult::kFailed, &DeviceTest::result) !=
           facts.tests.end();
  });
  return any_failed ? 1 : 0;
}

}  // namespace

void add_devices_command(CommandLine& line) {
  add_command(line, "devices", "List the devices, and which engines pass a test there",
              "xpurt devices --json", [&line] { return run_devices(line.json); });
}

}  // namespace xpuruntime::xpurt
