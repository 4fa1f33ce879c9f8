// SPDX-License-Identifier: Apache-2.0
/* Empty. Built with the SONAME libtorch.so, which the native code of a package of AOTInductor asks
 * for by name and takes nothing from; torch's own is as empty, but brings all of CUDA. */
typedef int nothing;
