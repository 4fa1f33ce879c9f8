// SPDX-License-Identifier: Apache-2.0
#include "providers.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "handle.h"
#include "library.h"
#include "status.h"
#include "xpuruntime/engine/nearest.h"

namespace xpuruntime::onnxrt {
namespace {

using engine::Failure;

constexpr const char* kWorkspaceSize = "workspace_size";
constexpr std::string_view kNames[] = {"cpu", "cuda", "tensorrt", "xnnpack"};
constexpr Provider kProviders[] = {
    {kNames[0], "CPUExecutionProvider", XPURT_DEVICE_CPU},
    {kNames[1], "CUDAExecutionProvider", XPURT_DEVICE_CUDA},
    {kNames[2], "TensorrtExecutionProvider", XPURT_DEVICE_CUDA},
    {kNames[3], "XnnpackExecutionProvider", XPURT_DEVICE_CPU},
};

const Provider& provider_named(std::string_view name) {
  const std::string_view full = name == "trt" ? "tensorrt" : name;
  for (const Provider& provider : kProviders) {
    if (full == provider.name || full == provider.library_name) return provider;
  }
  throw Failure(XPURT_UNSUPPORTED_OPERATION,
                "option 'providers': this engine knows no execution provider '" +
                    std::string(name) + "'; it knows cpu, cuda, tensorrt and xnnpack" +
                    engine::did_you_mean(name, kNames));
}

std::vector<std::string_view> split(std::string_view list) {
  std::vector<std::string_view> parts;
  while (!list.empty()) {
    const size_t comma = std::min(list.find(','), list.size());
    std::string_view part = list.substr(0, comma);
    while (part.starts_with(' ')) part.remove_prefix(1);
    while (part.ends_with(' ')) part.remove_suffix(1);
    if (!part.empty()) parts.push_back(part);
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return parts;
}

bool has_provider(std::string_view library_name) {
  const std::vector<std::string> available = available_providers();
  return std::ranges::find(available, library_name) != available.end();
}

[[noreturn]] void unavailable(xpurt_device device, const std::string& reason) {
  std::string text = "device " + to_string(device) + " cannot be had with ONNX Runtime " +
                     library().version + " (" + library().path + "): " + reason +
                     "; its execution providers are ";
  bool first = true;
  for (const std::string& name : available_providers()) {
    text += (first ? "" : ", ") + name;
    first = false;
  }
  if (device.type == XPURT_DEVICE_CUDA) {
    text += ". For NVIDIA GPUs there is another wheel: pip install onnxruntime-gpu";
  }
  throw Failure(XPURT_UNAVAILABLE, text);
}

bool exists(const char* path) {
  std::error_code ignored;
  return std::filesystem::exists(path, ignored);
}

/// Options named "<provider>.<key>" as ONNX Runtime's two arrays, without the prefix.
struct ProviderOptions {
  ProviderOptions(const Provider& provider, const engine::LoadArgs& args) {
    const std::string prefix = std::string(provider.name) + ".";
    for (const xpurt_key_value* option : args.options()) {
      if (!std::string_view(option->key).starts_with(prefix)) continue;
      add(option->key + prefix.size(), option->value);
    }
  }
  void add(const char* key, const char* value) {
    keys.push_back(key);
    values.push_back(value);
  }
  std::vector<const char*> keys;
  std::vector<const char*> values;
};

/// What an NVIDIA provider needs: the device, which the session was asked for and no option may
/// contradict, and the options.
struct CudaDeviceOptions : ProviderOptions {
  CudaDeviceOptions(const Provider& provider, const engine::LoadArgs& args)
      : ProviderOptions(provider, args), index(std::to_string(args.device().index)) {
    for (const char* key : keys) {
      if (std::string_view(key) == "device_id") {
        throw Failure(XPURT_INVALID_ARGUMENT, "option '" + std::string(provider.name) +
                                                  ".device_id': the session's device says it "
                                                  "already; ask for device 'cuda:<index>'");
      }
    }
    add("device_id", index.c_str());
  }
  std::string index;
};

void append_cuda(OrtSessionOptions* session, const Provider& provider,
                 const engine::LoadArgs& args) {
  const CudaDeviceOptions options(provider, args);
  const auto cuda = make<CudaOptions>(
      [](OrtCUDAProviderOptionsV2** out) { return ort().CreateCUDAProviderOptions(out); });
  check(ort().UpdateCUDAProviderOptions(cuda.get(), options.keys.data(), options.values.data(),
                                        options.keys.size()));
  if (OrtStatus* status =
          ort().SessionOptionsAppendExecutionProvider_CUDA_V2(session, cuda.get())) {
    unavailable(args.device(), take(status).text);
  }
}

void append_tensorrt(OrtSessionOptions* session, const Provider& provider,
                     const engine::LoadArgs& args) {
  CudaDeviceOptions options(provider, args);
  const std::string workspace(args.option(kWorkspaceSize).value_or(kDefaultWorkspace));
  const auto is_given = [](const char* key) {
    return std::string_view(key) == "trt_max_workspace_size";
  };
  if (std::ranges::none_of(options.keys, is_given)) {
    options.add("trt_max_workspace_size", workspace.c_str());
  }
  const auto tensorrt = make<TensorRtOptions>(
      [](OrtTensorRTProviderOptionsV2** out) { return ort().CreateTensorRTProviderOptions(out); });
  check(ort().UpdateTensorRTProviderOptions(tensorrt.get(), options.keys.data(),
                                            options.values.data(), options.keys.size()));
  if (OrtStatus* status =
          ort().SessionOptionsAppendExecutionProvider_TensorRT_V2(session, tensorrt.get())) {
    unavailable(args.device(), take(status).text);
  }
}

/// Refuses options of providers that the session will not have, which would be ignored.
void check_provider_options(const std::vector<const Provider*>& chosen,
                            const engine::LoadArgs& args) {
  const auto is_tensorrt = [](const Provider* each) { return each->name == "tensorrt"; };
  if (args.option(kWorkspaceSize).value_or(kDefaultWorkspace) != kDefaultWorkspace &&
      std::ranges::none_of(chosen, is_tensorrt)) {
    throw Failure(XPURT_INVALID_ARGUMENT,
                  "option 'workspace_size': it is TensorRT's, and provider tensorrt is not used on "
                  "device " +
                      to_string(args.device()) + "; ask for it with the option providers");
  }
  for (const Provider& provider : kProviders) {
    const ProviderOptions options(provider, args);
    if (options.keys.empty() || std::ranges::find(chosen, &provider) != chosen.end()) continue;
    const std::string name(provider.name);
    throw Failure(XPURT_INVALID_ARGUMENT, "option '" + name + "." + options.keys.front() +
                                              "': provider " + name + " is not used on device " +
                                              to_string(args.device()) +
                                              "; ask for it with the option providers");
  }
}

}  // namespace

std::string to_string(xpurt_device device) {
  constexpr const char* kTypes[] = {"cpu", "cuda", "intel_gpu", "intel_npu"};
  if (device.type < 0 || device.type >= static_cast<int32_t>(std::size(kTypes))) return "unknown";
  const std::string type = kTypes[device.type];
  return device.type == XPURT_DEVICE_CPU ? type : type + ":" + std::to_string(device.index);
}

std::vector<std::string> available_providers() {
  char** names = nullptr;
  int count = 0;
  check(ort().GetAvailableProviders(&names, &count));
  std::vector<std::string> copies(names, names + count);
  check(ort().ReleaseAvailableProviders(names, count));
  return copies;
}

std::vector<xpurt_device> usable_devices() {
  std::vector<xpurt_device> devices;
  if (has_provider("CUDAExecutionProvider") || has_provider("TensorrtExecutionProvider")) {
    // The driver's device files; CUDA itself is not started to ask.
    for (int32_t i = 0; exists(("/dev/nvidia" + std::to_string(i)).c_str()); ++i) {
      devices.push_back({XPURT_DEVICE_CUDA, i});
    }
    if (devices.empty() && exists("/dev/dxg")) devices.push_back({XPURT_DEVICE_CUDA, 0});
  }
  devices.push_back({XPURT_DEVICE_CPU, 0});
  return devices;
}

std::vector<const Provider*> choose_providers(const engine::LoadArgs& args) {
  const xpurt_device device = args.device();
  if (device.type != XPURT_DEVICE_CPU && device.type != XPURT_DEVICE_CUDA) {
    unavailable(device, "this engine runs on cpu and cuda");
  }
  if (device.type == XPURT_DEVICE_CPU && device.index != 0) {
    unavailable(device, "there is one cpu, with index 0");
  }
  std::vector<const Provider*> chosen;
  for (const std::string_view name : split(args.option("providers").value_or(""))) {
    const Provider& provider = provider_named(name);
    if (provider.device_type != device.type && provider.device_type != XPURT_DEVICE_CPU) {
      throw Failure(XPURT_INVALID_ARGUMENT, "option 'providers': " + std::string(provider.name) +
                                                " does not run on device " + to_string(device));
    }
    chosen.push_back(&provider);
  }
  if (chosen.empty()) chosen.push_back(&kProviders[device.type == XPURT_DEVICE_CUDA ? 1 : 0]);
  const auto on_device = [&](const Provider* each) { return each->device_type == device.type; };
  if (std::ranges::none_of(chosen, on_device)) {
    throw Failure(XPURT_INVALID_ARGUMENT,
                  "option 'providers': none of them runs on device " + to_string(device));
  }
  for (const Provider* provider : chosen) {
    if (!has_provider(provider->library_name)) {
      unavailable(device, "it was built without " + std::string(provider->library_name));
    }
  }
  check_provider_options(chosen, args);
  return chosen;
}

void append_provider(OrtSessionOptions* session, const Provider& provider,
                     const engine::LoadArgs& args) {
  if (provider.name == "cpu") return;  // always there, as the last
  if (provider.name == "cuda") return append_cuda(session, provider, args);
  if (provider.name == "tensorrt") return append_tensorrt(session, provider, args);
  const ProviderOptions options(provider, args);
  check(ort().SessionOptionsAppendExecutionProvider(session, "XNNPACK", options.keys.data(),
                                                    options.values.data(), options.keys.size()));
}

}  // namespace xpuruntime::onnxrt
