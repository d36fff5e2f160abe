import type { Image } from '../api/types';

/**
 * Whom a credit line names: the credit, else the creator, else the contributor; empty where there is none of them. Other sites
 * and copies of originals name the same one (stockroom/images/credit.py).
 */
export function nameAuthor({ credit, creator, owner }: Pick<Image, 'credit' | 'creator' | 'owner'>): string {
  return credit || creator || owner;
}
