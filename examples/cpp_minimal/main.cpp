// SPDX-License-Identifier: Apache-2.0
#include <xpuruntime/xpuruntime.h>

#include <iostream>
#include <vector>

int main(int argc, char** argv) {
  const xpuruntime::InferenceSession session(argc > 1 ? argv[1] : "model.onnx");
  const std::vector<float> pixels(64, 0.5f);
  const auto x = xpuruntime::Tensor::from<float>(pixels, {1, 1, 8, 8});
  const auto outputs = session.run({{"image", x}});
  std::cout << to_string(outputs.at("logits")) << " by " << session.engine_name() << '\n';
}
