// The throttler is CommonJS and requires Nest, which is not: Nest must have been loaded before, or Jest sees a cycle.
import 'reflect-metadata';
import '@nestjs/common';
import '@nestjs/core';
