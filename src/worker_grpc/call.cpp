// SPDX-License-Identifier: Apache-2.0
#include "call.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "worker/error.h"

namespace xpuruntime::worker_grpc {
namespace {

constexpr int kMaxMessage = std::numeric_limits<int>::max();
constexpr std::chrono::seconds kGoodbyeTime{1};

/// No more comes of it; what is on its way ends first.
void drain(grpc::CompletionQueue& queue) {
  queue.Shutdown();
  void* tag = nullptr;
  bool ok = false;
  while (queue.Next(&tag, &ok)) {
  }
}

class ParentCall : public Call {
 public:
  ParentCall(const std::string& address, const std::string& token) {
    grpc::ChannelArguments arguments;
    arguments.SetMaxReceiveMessageSize(kMaxMessage);
    arguments.SetMaxSendMessageSize(kMaxMessage);
    arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
    arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    channel_ =
        grpc::CreateCustomChannel("ipv4:" + address, grpc::InsecureChannelCredentials(), arguments);
    context_.AddMetadata(kTokenKey, token);
    stream_ = grpc::GenericStub(channel_).PrepareCall(&context_, kMethod, &queue_);
    stream_->StartCall(tag_of(Step::kOpened));
  }
  ~ParentCall() override {
    context_.TryCancel();
    drain(queue_);
  }
  grpc::CompletionQueue& queue() override { return queue_; }
  grpc::internal::AsyncReaderInterface<grpc::ByteBuffer>& reader() override { return *stream_; }
  grpc::internal::AsyncWriterInterface<grpc::ByteBuffer>& writer() override { return *stream_; }
  void cancel() override { context_.TryCancel(); }

 private:
  std::shared_ptr<grpc::Channel> channel_;
  grpc::CompletionQueue queue_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::GenericClientAsyncReaderWriter> stream_;
};

/// Anybody's call.
struct Caller {
  grpc::GenericServerContext context;
  grpc::GenericServerAsyncReaderWriter stream{&context};
};

/// The server, and its queue, for as long as it or its one call is needed.
struct Listening {
  explicit Listening(std::string secret) : token(std::move(secret)) {
    grpc::ServerBuilder builder;
    builder.SetMaxReceiveMessageSize(kMaxMessage);
    builder.SetMaxSendMessageSize(kMaxMessage);
    builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterAsyncGenericService(&service);
    queue = builder.AddCompletionQueue();
    server = builder.BuildAndStart();
    if (server == nullptr || port == 0) {
      throw worker::TransportFailure("gRPC cannot listen on 127.0.0.1");
    }
    wait_for_caller();
  }
  ~Listening() {
    if (server != nullptr) server->Shutdown(std::chrono::system_clock::now());
    drain(*queue);
  }
  Listening(const Listening&) = delete;
  Listening& operator=(const Listening&) = delete;

  void wait_for_caller() {
    caller = std::make_unique<Caller>();
    service.RequestCall(&caller->context, &caller->stream, queue.get(), queue.get(),
                        tag_of(Step::kCalled));
  }
  bool is_parent() const {
    const auto& said = caller->context.client_metadata();
    const auto found = said.find(kTokenKey);
    return caller->context.method() == kMethod && found != said.end() && found->second == token;
  }
  /// One at a time: others wait until this one has been told.
  void refuse() {
    const bool is_known = caller->context.method() == kMethod;
    caller->stream.Finish(
        is_known ? grpc::Status(grpc::StatusCode::UNAUTHENTICATED, "the token is not the worker's")
                 : grpc::Status(grpc::StatusCode::UNIMPLEMENTED, "there is ModelStreamInfer alone"),
        tag_of(Step::kRefused));
  }

  std::string token;
  int port = 0;
  grpc::AsyncGenericService service;
  std::unique_ptr<grpc::ServerCompletionQueue> queue;
  std::unique_ptr<Caller> caller;  ///< that is waited for, or refused
  std::unique_ptr<grpc::Server> server;
};

class WorkerCall : public Call {
 public:
  WorkerCall(std::unique_ptr<Listening> listening, std::unique_ptr<Caller> parent)
      : parent_(std::move(parent)), listening_(std::move(listening)) {}
  ~WorkerCall() override {
    // So that what was sent last arrives before the end does.
    constexpr auto kFinished = Step::kOpened;
    parent_->stream.Finish(grpc::Status::OK, tag_of(kFinished));
    const gpr_timespec until = deadline_of(worker::Clock::now() + kGoodbyeTime);
    void* tag = nullptr;
    bool ok = false;
    while (listening_->queue->AsyncNext(&tag, &ok, until) == grpc::CompletionQueue::GOT_EVENT &&
           tag != tag_of(kFinished)) {
    }
  }
  grpc::CompletionQueue& queue() override { return *listening_->queue; }
  grpc::internal::AsyncReaderInterface<grpc::ByteBuffer>& reader() override {
    return parent_->stream;
  }
  grpc::internal::AsyncWriterInterface<grpc::ByteBuffer>& writer() override {
    return parent_->stream;
  }
  void cancel() override { parent_->context.TryCancel(); }
  void take(Step step, bool ok) override {
    if (step == Step::kRefused) {
      listening_->wait_for_caller();
    } else if (step == Step::kCalled && ok) {
      listening_->refuse();  // also one that knows the token: it has called before
    }
  }

 private:
  std::unique_ptr<Caller> parent_;
  std::unique_ptr<Listening> listening_;  // goes first
};

class GrpcServer : public Server {
 public:
  explicit GrpcServer(std::string token)
      : listening_(std::make_unique<Listening>(std::move(token))) {}
  std::string address() const override { return "127.0.0.1:" + std::to_string(listening_->port); }
  std::unique_ptr<Call> accept(worker::TimePoint until) override {
    void* tag = nullptr;
    bool ok = false;
    while (listening_->queue->AsyncNext(&tag, &ok, deadline_of(until)) ==
           grpc::CompletionQueue::GOT_EVENT) {
      if (tag == tag_of(Step::kRefused)) {
        listening_->wait_for_caller();
      } else if (ok && listening_->is_parent()) {
        auto parent = std::move(listening_->caller);
        listening_->wait_for_caller();
        return std::make_unique<WorkerCall>(std::move(listening_), std::move(parent));
      } else if (ok) {
        listening_->refuse();
      }
    }
    return nullptr;
  }

 private:
  std::unique_ptr<Listening> listening_;
};

}  // namespace

gpr_timespec deadline_of(worker::TimePoint until) {
  if (until == worker::kNever) return gpr_inf_future(GPR_CLOCK_MONOTONIC);
  const auto left = std::chrono::duration_cast<std::chrono::nanoseconds>(
      std::max(until - worker::Clock::now(), worker::Clock::duration::zero()));
  return gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC),
                      gpr_time_from_nanos(left.count(), GPR_TIMESPAN));
}

std::unique_ptr<Call> call_worker(const std::string& address, const std::string& token) {
  return std::make_unique<ParentCall>(address, token);
}

std::unique_ptr<Server> Server::listen(std::string token) {
  return std::make_unique<GrpcServer>(std::move(token));
}

}  // namespace xpuruntime::worker_grpc
