// SPDX-License-Identifier: Apache-2.0
// Do all engines agree on a model, and which is the fastest? A page with charts goes to the second
// argument.
#include <xpuruntime/error.h>
#include <xpuruntime/toolkit/compare.h>

#include <filesystem>
#include <iostream>
#include <vector>

int main(int argc, char** argv) {
  using namespace xpuruntime;
  const std::vector<std::filesystem::path> models{argc > 1 ? argv[1] : "model.onnx"};
  try {
    const toolkit::CompareReport report = toolkit::compare(models, {.seconds = 0.2});
    std::cout << to_text(report);
    if (argc > 2) write_html(report, argv[2]);
    return report.agrees() ? 0 : 1;
  } catch (const XpuRuntimeError& error) {
    std::cerr << error.name() << ": " << error.what() << '\n';
    return error.exit_code();
  }
}
