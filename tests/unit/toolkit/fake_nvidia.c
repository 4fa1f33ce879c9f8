/* SPDX-License-Identifier: Apache-2.0 */
/* Two GPUs, by the functions of NVIDIA's driver and management libraries that are called. The
 * libraries count them in opposite orders, as real ones may. */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define GIB ((size_t)1 << 30)

enum { MAJOR = 75, MINOR = 76, INVALID = 1 };

static const char* const names[] = {"NVIDIA Small", "NVIDIA Large"};
static const char* const buses[] = {"0000:81:00.0", "0000:01:00.0"};
static const size_t totals[] = {16 * GIB, 80 * GIB};
static const size_t used[] = {1 * GIB, 60 * GIB};
static const int capabilities[][2] = {{7, 5}, {9, 0}};

struct memory {
  unsigned long long total, free, used;
};

static int copy(char* to, size_t size, const char* from) {
  return (size_t)snprintf(to, size, "%s", from) < size ? 0 : INVALID;
}

int cuInit(unsigned flags) { return flags == 0 ? 0 : INVALID; }
int cuDeviceGetCount(int* count) {
  *count = 2;
  return 0;
}
/* A handle is no index. */
int cuDeviceGet(int* device, int ordinal) {
  *device = 40 + ordinal;
  return 0;
}
int cuDeviceGetName(char* name, int size, int device) {
  return copy(name, (size_t)size, names[device - 40]);
}
int cuDeviceTotalMem_v2(size_t* bytes, int device) {
  *bytes = totals[device - 40];
  return 0;
}
int cuDeviceGetAttribute(int* value, int attribute, int device) {
  if (attribute != MAJOR && attribute != MINOR) return INVALID;
  *value = capabilities[device - 40][attribute - MAJOR];
  return 0;
}
int cuDeviceGetPCIBusId(char* bus, int size, int device) {
  return copy(bus, (size_t)size, buses[device - 40]);
}

int nvmlInit_v2(void) { return 0; }
int nvmlSystemGetDriverVersion(char* version, unsigned size) {
  return copy(version, size, "570.1.2");
}
int nvmlDeviceGetHandleByPciBusId_v2(const char* bus, const void** device) {
  for (size_t i = 0; i < 2; ++i) {
    if (strcmp(bus, buses[i]) != 0) continue;
    *device = &totals[i];
    return 0;
  }
  return INVALID;
}
int nvmlDeviceGetMemoryInfo(const void* device, struct memory* memory) {
  const size_t i = (size_t)((const size_t*)device - totals);
  memory->total = totals[i];
  memory->used = used[i];
  memory->free = totals[i] - used[i];
  return 0;
}
