import { Body, Controller, HttpCode, Inject, Param, Post } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { ErrorBody } from '@maas/contracts/errors';
import { ExplainTier, PreviewTier, PreviewTiers, TierExplanation, TierPreview } from '@maas/contracts/tier-insight';
import { Access } from '../auth/access.decorator.js';
import { TierInsight } from './tier-insight.service.js';

/** Questions of administrators about tiers; nothing is changed here. */
@ApiTags('tiers')
@Controller('maas-api/v1/admin/tiers')
@Access('admin')
export class TierInsightController {
  constructor(@Inject(TierInsight) private readonly insight: TierInsight) {}

  @Post('explain')
  @HttpCode(200)
  @ApiOperation({ summary: 'Which tier a user, or somebody in these groups, has, and why' })
  @ApiResponse({ status: 200, standardSchema: TierExplanation })
  @ApiResponse({ status: 404, description: 'There is no such user.', standardSchema: ErrorBody })
  explain(@Body({ schema: ExplainTier }) body: ExplainTier): Promise<TierExplanation> {
    return this.insight.explain(body);
  }

  @Post('preview')
  @HttpCode(200)
  @ApiOperation({ summary: 'Who would get another tier by a new one, or by another order of all of them' })
  @ApiResponse({ status: 200, standardSchema: TierPreview })
  @ApiResponse({
    status: 409,
    description: 'The name is taken, or the tiers are others by now.',
    standardSchema: ErrorBody,
  })
  previewAll(@Body({ schema: PreviewTiers }) body: PreviewTiers): Promise<TierPreview> {
    return this.insight.previewAll(body);
  }

  @Post(':name/preview')
  @HttpCode(200)
  @ApiOperation({ summary: 'Who would get another tier or other limits by a change of this tier, or by its deletion' })
  @ApiResponse({ status: 200, standardSchema: TierPreview })
  @ApiResponse({ status: 404, description: 'There is no such tier.', standardSchema: ErrorBody })
  preview(@Param('name') name: string, @Body({ schema: PreviewTier }) body: PreviewTier): Promise<TierPreview> {
    return this.insight.preview(name, body);
  }
}
