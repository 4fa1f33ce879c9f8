// SPDX-License-Identifier: Apache-2.0
// Opens a model only where its numbers are those of golden data or of another engine: the second
// argument.
#include <xpuruntime/toolkit/gate.h>
#include <xpuruntime/xpuruntime.h>

#include <filesystem>
#include <iostream>

int main(int argc, char** argv) {
  using namespace xpuruntime;
  const std::filesystem::path model = argc > 1 ? argv[1] : "model.onnx";
  try {
    const SessionValidator gate = toolkit::gate(argc > 2 ? argv[2] : "reference");
    const InferenceSession session(model, {.validators = {gate}});
    for (const auto& name : session.report().validators) std::cout << "passed: " << name << '\n';
    return 0;
  } catch (const XpuRuntimeError& error) {
    std::cerr << error.name() << ": " << error.what() << '\n';
    return error.exit_code();
  }
}
