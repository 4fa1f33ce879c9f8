// SPDX-License-Identifier: Apache-2.0
// Each way to run a model: at once, as a job, with a callback, in batches, as a stream.
#include <xpuruntime/xpuruntime.h>

#include <chrono>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace {

using namespace std::chrono_literals;
using xpuruntime::InferenceSession;
using xpuruntime::Job;
using xpuruntime::NamedTensors;
using xpuruntime::Tensor;

NamedTensors image(float ink) {
  const std::vector<float> pixels(64, ink);
  return {{"image", Tensor::from<float>(pixels, {1, 1, 8, 8})}};
}

void show(const std::string& what, const NamedTensors& outputs) {
  std::cout << what << ": " << to_string(outputs.at("logits")) << '\n';
}

void jobs(const InferenceSession& session) {
  const Job job = session.run_async(image(0.5f), {.timeout = 10s, .priority = 1});
  show("job " + std::to_string(job.id()), job.wait());

  std::stop_source source;
  source.request_stop();
  const Job stopped = session.run_async(image(0.5f), {.stop_token = source.get_token()});
  try {
    stopped.wait();
  } catch (const xpuruntime::CancelledError& error) {
    std::cout << "job " << stopped.id() << ": " << error.what() << '\n';
  }
}

void callback(const InferenceSession& session) {
  const auto tell = [](const Job& job) {
    show("callback of job " + std::to_string(job.id()), job.outputs());
  };
  session.run_async(image(0.5f), {}, tell).wait();
}

void batch(const InferenceSession& session) {
  const std::vector<NamedTensors> items{image(0.1f), {}, image(0.9f)};
  for (const xpuruntime::BatchResult& result : session.run_batch(items)) {
    try {
      show("batch, joined " + std::to_string(result.report.joined), result.get());
    } catch (const xpuruntime::XpuRuntimeError& error) {
      std::cout << "batch: " << error.name() << '\n';
    }
  }
}

void stream(const InferenceSession& session) {
  auto camera = [frame = 0]() mutable -> std::optional<NamedTensors> {
    if (frame == 20) return std::nullopt;
    return image(static_cast<float>(frame++) / 20);
  };
  xpuruntime::RunStream results = session.stream(camera, 4);
  int count = 0;
  while (results.next()) ++count;
  std::cout << "stream: " << count << " results\n";
}

}  // namespace

int main(int argc, char** argv) {
  const auto profiler = std::make_shared<xpuruntime::Profiler>();
  InferenceSession session(argc > 1 ? argv[1] : "model.onnx",
                           {.max_batch_size = 8, .profiler = profiler});
  show("run", session.run(image(0.5f)));
  jobs(session);
  callback(session);
  batch(session);
  stream(session);
  std::cout << "statistics: " << session.statistics().count << " runs\n";
  session.close();
  if (argc > 2) profiler->write(argv[2]);
}
